# What `make test` runs; the folder tests/ of the repository is the server's.
TESTS ?= $(top_srcdir)/ext/tests
