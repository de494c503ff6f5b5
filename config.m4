dnl The extension rr_embed for a PHP of your own: phpize && ./configure && make && make test.
dnl In the server's binary it is built in (ext/CMakeLists.txt); this makes rr_embed.so of the same sources.

PHP_ARG_ENABLE([rr-embed],
  [whether to enable rr_embed],
  [AS_HELP_STRING([--enable-rr-embed], [Enable rr_embed])],
  [yes])

PHP_ARG_ENABLE([rr-embed-debug],
  [whether to build rr_embed for debugging],
  [AS_HELP_STRING([--enable-rr-embed-debug], [rr_embed: no optimisation, checks of the C++ library])],
  [no], [no])

if test "$PHP_RR_EMBED" != "no"; then
  AC_MSG_CHECKING([whether PHP is 8.2 or newer])
  if test "$("$PHP_CONFIG" --vernum)" -lt 80200; then
    AC_MSG_ERROR([rr_embed needs PHP 8.2 or newer])
  fi
  AC_MSG_RESULT([yes])

  PHP_REQUIRE_CXX()
  PHP_CXX_COMPILE_STDCXX([17], [mandatory], [RR_EMBED_STD])

  RR_EMBED_SOURCES="ext/rr_embed.cc ext/body_writer.cc ext/caller.cc ext/functions.cc ext/headers.cc ext/http.cc \
    ext/http_worker.cc ext/payload.cc ext/request.cc ext/request_answers.cc ext/request_fields.cc \
    ext/request_form.cc ext/send_file.cc ext/uploaded_file.cc ext/worker.cc \
    ext/address.cc ext/dial.cc ext/frames.cc ext/control/pool.cc ext/control/services.cc \
    ext/jobs/consumer.cc ext/jobs/queue.cc ext/jobs/values.cc ext/kv/kv.cc ext/kv/locked.cc ext/kv/messages.cc \
    ext/lock/calls.cc ext/lock/lock.cc ext/logger/logger.cc ext/metrics/metrics.cc ext/metrics/sent.cc \
    ext/pipes/context.cc ext/pipes/host.cc ext/pipes/json.cc ext/pipes/relay.cc ext/pipes/superglobals.cc \
    ext/rpc/client.cc ext/rpc/connection.cc ext/rpc/pending_call.cc \
    ext/rpc/replies.cc ext/rpc/rpc.cc ext/rpc/socket.cc \
    runtime/goridge/frame.cc runtime/goridge/rpc.cc"
  RR_EMBED_FLAGS="$RR_EMBED_STD -fvisibility=hidden -fvisibility-inlines-hidden -DZEND_ENABLE_STATIC_TSRMLS_CACHE=1"
  if test "$PHP_RR_EMBED_DEBUG" = "yes"; then
    RR_EMBED_FLAGS="$RR_EMBED_FLAGS -O0 -g -D_GLIBCXX_ASSERTIONS"
  fi

  PHP_NEW_EXTENSION([rr_embed], [$RR_EMBED_SOURCES], [$ext_shared], [],
    [-I@ext_srcdir@ -I@ext_srcdir@/include $RR_EMBED_FLAGS], [cxx])
  PHP_ADD_BUILD_DIR([$ext_builddir/ext/control], [1])
  PHP_ADD_BUILD_DIR([$ext_builddir/ext/jobs], [1])
  PHP_ADD_BUILD_DIR([$ext_builddir/ext/kv], [1])
  PHP_ADD_BUILD_DIR([$ext_builddir/ext/lock], [1])
  PHP_ADD_BUILD_DIR([$ext_builddir/ext/logger], [1])
  PHP_ADD_BUILD_DIR([$ext_builddir/ext/metrics], [1])
  PHP_ADD_BUILD_DIR([$ext_builddir/ext/pipes], [1])
  PHP_ADD_BUILD_DIR([$ext_builddir/ext/rpc], [1])
  PHP_ADD_BUILD_DIR([$ext_builddir/runtime/goridge], [1])
  PHP_ADD_LIBRARY([stdc++], [1], [RR_EMBED_SHARED_LIBADD])
  PHP_SUBST([RR_EMBED_SHARED_LIBADD])
  PHP_ADD_EXTENSION_DEP([rr_embed], [json])
  PHP_ADD_EXTENSION_DEP([rr_embed], [spl])
  PHP_ADD_EXTENSION_DEP([rr_embed], [standard])
  PHP_ADD_MAKEFILE_FRAGMENT([$ext_srcdir/ext/Makefile.frag])
fi
