# Functions every folder's CMakeLists.txt uses.

add_library(rr_options INTERFACE)
target_include_directories(rr_options INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
target_compile_options(rr_options INTERFACE -Wall -Wextra -Wpedantic -Wno-unused-parameter -Wno-missing-field-initializers
  -fno-omit-frame-pointer $<$<BOOL:${RR_WERROR}>:-Werror>)
target_link_libraries(rr_options INTERFACE Threads::Threads)
find_program(RR_MOLD mold)
if(RR_MOLD)
  target_link_options(rr_options INTERFACE -fuse-ld=mold)
endif()
if(RR_SANITIZE STREQUAL "address")
  target_compile_options(rr_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined)
  target_link_options(rr_options INTERFACE -fsanitize=address,undefined)
elseif(RR_SANITIZE STREQUAL "thread")
  # Boost.Asio's fences are nothing that the sanitizer understands; it orders without them there.
  target_compile_options(rr_options INTERFACE -fsanitize=thread $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  target_compile_definitions(rr_options INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
  target_link_options(rr_options INTERFACE -fsanitize=thread)
endif()
if(RR_FUZZ)
  target_compile_options(rr_options INTERFACE -fsanitize=fuzzer-no-link,address,undefined)
  target_link_options(rr_options INTERFACE -fsanitize=address,undefined)
endif()

# rr_add_library(rr_goridge SOURCES frame.cc LINKS rr_include): one target per folder.
function(rr_add_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;HEADERS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC rr_options ${ARG_LINKS})
endfunction()

# rr_add_test(goridge_frame SOURCES frame_test.cc LINKS rr_goridge): one GoogleTest binary.
function(rr_add_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINKS" ${ARGN})
  add_executable(test_${name} ${ARG_SOURCES})
  target_link_libraries(test_${name} PRIVATE rr_options ${ARG_LINKS} GTest::gtest_main GTest::gmock)
  add_test(NAME ${name} COMMAND test_${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT $<IF:$<BOOL:${ARG_TIMEOUT}>,${ARG_TIMEOUT},120>)
endfunction()

# rr_add_fuzzer(frame SOURCES frame.cc LINKS rr_goridge): fuzz/corpus/<name> holds its corpus.
function(rr_add_fuzzer name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(fuzz_${name} ${ARG_SOURCES})
  target_link_libraries(fuzz_${name} PRIVATE rr_options ${ARG_LINKS})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
endfunction()
