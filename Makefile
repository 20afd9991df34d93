# sqlite-cloudtrail
#
#   make hunt [LOGS=folder] [DB=file]   install what is missing, build, import, print the alerts
#   make test                           install what is missing, build, run all tests
#   make                                build build/cloudtrail.so
#   make check                          format, lint, both compilers, tests under sanitizers
#   make format | install | clean
#
# SAN=1 builds with ASan and UBSan, in a folder of its own. CC picks the compiler.

CC      = cc
PREFIX  = /usr/local
SAN     =

ifeq ($(SAN),)
BUILD     = build
OPTIMIZE  = -O2
else
BUILD     = build/san
OPTIMIZE  = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
endif

ifeq ($(shell uname -s),Darwin)
SUFFIX    = dylib
SHARED    = -dynamiclib -undefined dynamic_lookup
else
SUFFIX    = so
SHARED    = -shared
endif

WARNINGS  = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
CPPFLAGS += -D_POSIX_C_SOURCE=200809L -D_DARWIN_C_SOURCE -Iext -I$(GEN)
CFLAGS   += -std=c11 $(OPTIMIZE) $(WARNINGS) $(WERROR) -fvisibility=hidden -pthread -MMD -MP
LDLIBS    = -lisal -lm

GEN       = $(BUILD)/gen
EXT       = $(BUILD)/cloudtrail.$(SUFFIX)

SOURCES   = $(wildcard ext/*.c)
GENERATED =
# The same sources twice: for the loadable file, and with -DSQLITE_CORE for the tests to link.
LOADABLE  = $(SOURCES:ext/%.c=$(BUILD)/ext/%.o) $(GENERATED:$(GEN)/%.c=$(BUILD)/gen/ext_%.o)
CORE      = $(SOURCES:ext/%.c=$(BUILD)/core/%.o) $(GENERATED:$(GEN)/%.c=$(BUILD)/gen/core_%.o)
SUPPORT   = $(patsubst tests/support/%.c,$(BUILD)/tests/support/%.o,$(wildcard tests/support/*.c))
TESTS     = $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/test_*.c))

.DEFAULT_GOAL := all
.PHONY: all test check format install clean test-programs
.SECONDARY:

all: $(EXT)

$(EXT): $(LOADABLE)
	$(CC) $(CFLAGS) $(SHARED) -o $@ $^ $(LDFLAGS) $(LDLIBS)

$(BUILD)/ext/%.o: ext/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -fPIC -c -o $@ $<

$(BUILD)/core/%.o: ext/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -DSQLITE_CORE -c -o $@ $<

$(BUILD)/gen/ext_%.o: $(GEN)/%.c
	$(CC) $(CPPFLAGS) $(CFLAGS) -fPIC -c -o $@ $<

$(BUILD)/gen/core_%.o: $(GEN)/%.c
	$(CC) $(CPPFLAGS) $(CFLAGS) -DSQLITE_CORE -c -o $@ $<

# ---- tests -------------------------------------------------------------------------------------

$(BUILD)/tests/support/%.o: tests/support/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -DSQLITE_CORE -Itests/support -c -o $@ $<

$(BUILD)/tests/%.o: tests/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -DSQLITE_CORE -Itests/support -c -o $@ $<

# A test program links every core object but mem.o: tests/support brings a mem.c that can fail.
$(BUILD)/tests/test_%: $(BUILD)/tests/test_%.o $(SUPPORT) $(filter-out %/mem.o,$(CORE))
	$(CC) $(CFLAGS) -o $@ $^ $(LDFLAGS) -lcmocka -lsqlite3 $(LDLIBS)

test-programs: $(TESTS)

test: $(EXT) $(TESTS)
	@CT_EXTENSION=$(EXT) sh tests/run.sh $(TESTS)

format:
	clang-format -i ext/*.[ch] tests/*.[ch] tests/support/*.[ch] tests/fuzz/*.c

install: $(EXT)
	install -d $(DESTDIR)$(PREFIX)/lib/sqlite3
	install -m 644 $(EXT) $(DESTDIR)$(PREFIX)/lib/sqlite3/

clean:
	rm -rf build

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

# ---- fuzzing -----------------------------------------------------------------------------------

# Each program of tests/fuzz for FUZZ_SECONDS; what it finds goes to build/fuzz. Needs clang.
FUZZ_SECONDS = 30
FUZZERS      = $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SOURCES = $(filter-out ext/cloudtrail.c ext/register.c,$(wildcard ext/*.c))

build/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(FUZZ_SOURCES)
	@mkdir -p $(@D)
	clang -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -std=c11 -DSQLITE_CORE \
		$(CPPFLAGS) -o $@ $^ -lsqlite3 $(LDLIBS)

.PHONY: fuzz
fuzz: $(FUZZERS)
	@for program in $(FUZZERS); do \
		mkdir -p $$program.corpus && \
		$$program -max_total_time=$(FUZZ_SECONDS) -max_len=8192 -dict=tests/fuzz/cloudtrail.dict \
			-artifact_prefix=$$program- -print_final_stats=1 $$program.corpus tests/fuzz/seeds || exit 1; \
	done
