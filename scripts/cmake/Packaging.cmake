# What is installed where, and the Debian package of it: cmake --build build/release --target package.
# runner/main/debian holds what the package has beside the programs.
include(GNUInstallDirs)

set(PIPELINE_MAINTAINER "the pipeline authors <pipeline@localhost.localdomain>" CACHE STRING "Who answers for the package")

set(package_files ${CMAKE_SOURCE_DIR}/runner/main/debian)
set(made ${CMAKE_BINARY_DIR}/package)
set(documents ${CMAKE_INSTALL_DATADIR}/doc/pipeline)

# What the program itself says when it is called with `arguments`, a text for the shell.
function(pipeline_written_by_itself file arguments)
  add_custom_command(OUTPUT ${made}/${file} DEPENDS pipeline VERBATIM
    COMMAND ${CMAKE_COMMAND} -E make_directory ${made}
    COMMAND sh -c "$<TARGET_FILE:pipeline> ${arguments} > ${made}/${file}")
  set_property(GLOBAL APPEND PROPERTY pipeline_written ${made}/${file})
endfunction()
pipeline_written_by_itself(pipeline.1.gz "man | gzip -9n")
pipeline_written_by_itself(pipeline.bash "completion bash")
pipeline_written_by_itself(_pipeline "completion zsh")
pipeline_written_by_itself(pipeline.fish "completion fish")
configure_file(${package_files}/changelog.in ${made}/changelog)
add_custom_command(OUTPUT ${made}/changelog.gz DEPENDS ${made}/changelog VERBATIM
  COMMAND sh -c "gzip -9n < ${made}/changelog > ${made}/changelog.gz")
get_property(written GLOBAL PROPERTY pipeline_written)
add_custom_target(packaged_files ALL DEPENDS ${written} ${made}/changelog.gz)

install(TARGETS pipeline DESTINATION ${CMAKE_INSTALL_BINDIR})
# host::find_helper looks there.
install(TARGETS pipeline-sandbox pipeline-instance pipeline-relay DESTINATION libexec/pipeline)
install(FILES ${made}/pipeline.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${made}/pipeline.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME pipeline)
install(FILES ${made}/_pipeline DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${made}/pipeline.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
file(GLOB units ${CMAKE_SOURCE_DIR}/runner/main/systemd/pipeline-*)
install(FILES ${units} DESTINATION lib/systemd/system)
install(FILES ${package_files}/copyright ${made}/changelog.gz ${CMAKE_SOURCE_DIR}/runner/serve/OPERATING.md
  ${CMAKE_SOURCE_DIR}/runner/serve/SERVER_TOML.md DESTINATION ${documents})
install(FILES ${package_files}/lintian-overrides DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides RENAME pipeline)
install(FILES ${package_files}/server.toml ${package_files}/agent.env DESTINATION /etc/pipeline)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME pipeline)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT ${PIPELINE_MAINTAINER})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "continuous integration and deployment in one program")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "Reads pipelines from TOML files, runs their stages in sandboxes, packs what
they make once, deploys it behind feature toggles and smoke tests, and
promotes it: on a laptop before a push, on a team's server with agents, and
at night.
.
This package has the program with its helpers, and systemd units for a server
and for an agent, which are not started before you say so.")
# Files of /etc are not below the prefix.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ
  WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# The rest of what it calls: hosted repositories are git's, mail leaves by libcurl, schedules follow the system's time zones.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, git, libcurl4, tzdata")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "haproxy")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${package_files}/conffiles ${package_files}/postinst ${package_files}/prerm
  ${package_files}/postrm)
include(CPack)
