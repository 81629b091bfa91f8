# Precompiled headers, each made once and used by every target: made for each they were a fifth of a cold build. They know
# no definition but those of pipeline_settings; the ones that third parties bring must not change what is in them, which
# the compiler checks.
function(pipeline_precompiled_header name settings)
  set(header ${CMAKE_SOURCE_DIR}/scripts/cmake/${name}.h)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/${name}.cc CONTENT "")
  add_library(pipeline_${name} OBJECT EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/${name}.cc)
  target_precompile_headers(pipeline_${name} PRIVATE ${header})
  target_link_libraries(pipeline_${name} PRIVATE ${settings})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # What ccache takes instead of the precompiled header itself, which is large and never the same twice: its text.
    # The flags and the compiler are in ccache's key anyway.
    set(precompiled ${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/pipeline_${name}.dir/cmake_pch.hxx.gch)
    add_custom_command(OUTPUT ${precompiled}.sum DEPENDS ${precompiled} VERBATIM
      COMMAND sh -c "${CMAKE_CXX_COMPILER} -std=c++20 -w -E -P -I ${CMAKE_SOURCE_DIR} ${header} | sha256sum > ${precompiled}.sum")
    add_custom_target(pipeline_${name}_sum DEPENDS ${precompiled}.sum)
  else()
    add_custom_target(pipeline_${name}_sum)
  endif()
endfunction()

function(pipeline_use_precompiled_header target name)
  target_precompile_headers(${target} REUSE_FROM pipeline_${name})
  add_dependencies(${target} pipeline_${name}_sum)
endfunction()

pipeline_precompiled_header(standard_pch pipeline_settings)

# pipeline_library([DEPENDS folder...] [THIRD_PARTY name...])
#
# Makes the library of the folder it is called in. The folder is the library: every .cc in it belongs to it, its target is
# the path with underscores (pipelines/base -> pipelines_base), and DEPENDS lists the folders it may include from; the
# layer check holds that list against the includes.

function(pipeline_target_name folder out)
  string(REPLACE "/" "_" name ${folder})
  set(${out} ${name} PARENT_SCOPE)
endfunction()

function(pipeline_library)
  cmake_parse_arguments(LIB "" "" "DEPENDS;THIRD_PARTY" ${ARGN})
  file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  pipeline_target_name(${folder} target)
  file(GLOB sources CONFIGURE_DEPENDS *.cc)
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
    pipeline_use_precompiled_header(${target} standard_pch)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(${target} ${scope} pipeline_settings)
  foreach(dependency IN LISTS LIB_DEPENDS)
    pipeline_target_name(${dependency} name)
    target_link_libraries(${target} ${scope} ${name})
  endforeach()
  foreach(name IN LISTS LIB_THIRD_PARTY)
    target_link_libraries(${target} ${scope} third_party_${name})
  endforeach()
endfunction()

# pipeline_tests([DEPENDS folder...] [THIRD_PARTY name...] [LABELS label...])
#
# One GoogleTest program for the folder of tests it is called in, each case registered with CTest by itself so that they
# run in parallel.
function(pipeline_tests)
  cmake_parse_arguments(TEST "" "" "DEPENDS;THIRD_PARTY;LABELS" ${ARGN})
  file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR}/tests ${CMAKE_CURRENT_SOURCE_DIR})
  pipeline_target_name(${folder} target)
  file(GLOB sources CONFIGURE_DEPENDS *.cc)
  add_executable(${target} ${sources})
  pipeline_use_precompiled_header(${target} test_pch)
  target_link_libraries(${target} PRIVATE pipeline_test_settings GTest::gmock_main)
  foreach(dependency IN LISTS TEST_DEPENDS)
    pipeline_target_name(${dependency} name)
    target_link_libraries(${target} PRIVATE ${name})
  endforeach()
  foreach(name IN LISTS TEST_THIRD_PARTY)
    target_link_libraries(${target} PRIVATE third_party_${name})
  endforeach()
  if(NOT TEST_LABELS)
    set(TEST_LABELS fast)
  endif()
  gtest_discover_tests(${target} TEST_PREFIX "${folder}: " DISCOVERY_MODE PRE_TEST
    PROPERTIES LABELS "${TEST_LABELS}" TIMEOUT 600
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
endfunction()

# pipeline_tests_as_ordinary_user(FILTER gtest-filter TIMEOUT seconds)
#
# Root's jobs and an ordinary user's take the same path with different rights: where root runs the tests, those of the
# folder it is called in run once more as somebody else. For after pipeline_tests().
function(pipeline_tests_as_ordinary_user)
  cmake_parse_arguments(AS_USER "" "TIMEOUT;FILTER" "" ${ARGN})
  file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR}/tests ${CMAKE_CURRENT_SOURCE_DIR})
  pipeline_target_name(${folder} target)
  set(script "[ $(id -u) = 0 ] || { echo 'the tests run as an ordinary user already'; exit 77; }
    user='setpriv --reuid 65500 --regid 65500 --clear-groups'
    $user test -x '$<TARGET_FILE:${target}>' || { echo 'nobody but root can reach $<TARGET_FILE:${target}>'; exit 77; }
    TMPDIR=/tmp HOME=/tmp exec $user '$<TARGET_FILE:${target}>' --gtest_brief=1 --gtest_filter='${AS_USER_FILTER}'")
  add_test(NAME "${folder}: as an ordinary user" COMMAND sh -c "${script}" WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties("${folder}: as an ordinary user" PROPERTIES
    LABELS e2e SKIP_RETURN_CODE 77 TIMEOUT ${AS_USER_TIMEOUT})
endfunction()

# pipeline_program(NAME [DEPENDS folder...])
#
# The program of the folder it is called in, at the top of the build directory: helper programs are found beside it.
function(pipeline_program name)
  cmake_parse_arguments(PROGRAM "" "" "DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cc)
  add_executable(${name} ${sources})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  pipeline_use_precompiled_header(${name} standard_pch)
  target_link_libraries(${name} PRIVATE pipeline_settings)
  foreach(dependency IN LISTS PROGRAM_DEPENDS)
    pipeline_target_name(${dependency} target)
    target_link_libraries(${name} PRIVATE ${target})
  endforeach()
endfunction()

# pipeline_helper(NAME DEPENDS folder... [THIRD_PARTY boost_json | boost_process])
#
# A program beside `pipeline`, made of the folder it is called in and linked statically: one is started for every job, and
# an exec of it costs a third of a dynamic one's. DEPENDS names folders in link order, dependents first; they are linked
# as plain archives, because their interfaces would bring shared libraries along that no helper uses.
function(pipeline_helper name)
  cmake_parse_arguments(HELPER "" "" "DEPENDS;THIRD_PARTY" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cc)
  add_executable(${name} ${sources})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  pipeline_use_precompiled_header(${name} standard_pch)
  target_link_libraries(${name} PRIVATE pipeline_settings)
  foreach(dependency IN LISTS HELPER_DEPENDS)
    pipeline_target_name(${dependency} target)
    add_dependencies(${name} ${target})
    target_link_libraries(${name} PRIVATE $<TARGET_FILE:${target}>)
  endforeach()
  if(PIPELINE_SANITIZE)
    # The sanitizers' runtimes cannot be linked statically.
    target_link_libraries(${name} PRIVATE Boost::json Boost::filesystem)
    return()
  endif()
  if("boost_json" IN_LIST HELPER_THIRD_PARTY)
    find_library(BOOST_JSON_ARCHIVE libboost_json.a REQUIRED)
    find_library(BOOST_CONTAINER_ARCHIVE libboost_container.a REQUIRED)
    target_link_libraries(${name} PRIVATE ${BOOST_JSON_ARCHIVE} ${BOOST_CONTAINER_ARCHIVE})
  endif()
  if("boost_process" IN_LIST HELPER_THIRD_PARTY)
    find_library(BOOST_FILESYSTEM_ARCHIVE libboost_filesystem.a REQUIRED)
    find_library(BOOST_ATOMIC_ARCHIVE libboost_atomic.a REQUIRED)
    target_link_libraries(${name} PRIVATE ${BOOST_FILESYSTEM_ARCHIVE} ${BOOST_ATOMIC_ARCHIVE})
  endif()
  target_link_options(${name} PRIVATE -static)
endfunction()
