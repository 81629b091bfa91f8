# How everything is compiled: warnings, sanitizers, ccache, linker. Targets take it from `pipeline_settings`.

option(PIPELINE_BUILD_TESTS "Build the tests" ON)
option(PIPELINE_WERROR "Treat warnings as errors" OFF)
set(PIPELINE_SANITIZE "" CACHE STRING "Sanitizers to build with, e.g. 'address,undefined' or 'thread'")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Precompiled headers need this sloppiness, or ccache never hits. Relative paths, and a sum that stands for a
  # precompiled header (PipelineLibrary.cmake), let every checkout share the cache.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_PCH_EXTSUM=1 ${CCACHE_PROGRAM})
endif()

add_library(pipeline_settings INTERFACE)
target_include_directories(pipeline_settings INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_features(pipeline_settings INTERFACE cxx_std_20)
target_compile_options(pipeline_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wswitch-enum -Wformat=2)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(pipeline_settings INTERFACE
    -Wlogical-op -Wduplicated-cond -Wduplicated-branches
    # False positive on awaitable frames in GCC 12.
    -Wno-mismatched-new-delete
    # False positives of GCC 12 at -O2 on std::optional members that are moved through a Result.
    -Wno-maybe-uninitialized
    # Checked precompiled headers stay valid when ccache restores them.
    -fpch-preprocess)
endif()
if(PIPELINE_WERROR)
  target_compile_options(pipeline_settings INTERFACE -Werror)
endif()

if(PIPELINE_SANITIZE)
  target_compile_options(pipeline_settings INTERFACE
    -fsanitize=${PIPELINE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(pipeline_settings INTERFACE -fsanitize=${PIPELINE_SANITIZE})
  if(PIPELINE_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(pipeline_settings INTERFACE -Wno-tsan)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # It puts data before each function, which clang 14 cannot do where coroutines are split over sections:
    # "Cannot represent a difference across sections".
    target_compile_options(pipeline_settings INTERFACE -fno-sanitize=function)
  endif()
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

# -g1 keeps line tables for stack traces at a third of the size of full debug information.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1 -D_GLIBCXX_ASSERTIONS")
