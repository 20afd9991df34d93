# sqlite-cloudtrail
#
#   make hunt [LOGS=folder] [DB=file]   install what is missing, build, import, print what is found
#   make dashboard [DB=file] [OUT=file] write the page that shows a database; without DB the sample's
#   make test                           install what is missing, build, run all tests
#   make shell DB=file                  SQLite's shell on a database, with the extension
#   make                                build build/cloudtrail.so
#   make static                         build build/libcloudtrail.a, for programs that link it
#   make check                          format, lint, both compilers, tests under sanitizers, fuzzing
#   make fuzz [FUZZ_SECONDS=]           look for inputs that break the scanner and the reader
#   make clients                        import, detect and read with ten clients, see tests/clients
#   make engines                        the rules on DuckDB and ClickHouse give the same, see docs/scale.md
#   make engines-trino                  the same on a cluster of Trino
#   make dashboard-test                 look at the dashboard in Chromium, see tests/dashboard
#   make screenshot                     write docs/dashboard.png, the README's picture, anew
#   make versions                       run the tests on other versions of SQLite, 3.34 the oldest
#   make bench                          measure beside DuckDB and plain SQLite, see docs/performance.md
#   make datasette                      show a case by Datasette, see docs/dashboard.md, and look at all of it
#   make mutants [WORD=]                break the code here and there: a test must notice
#   make coverage                       the lines and branches that tests reach, in build/coverage/report
#   make sample                         write data/sample anew and check its stories
#   make rules                          write sql/files anew from sql/rules and the views they read
#   make format | install [PREFIX=] | clean
#
# CC picks the compiler. SAN=1 builds with ASan and UBSan, SAN=thread with TSan, each in a folder of
# its own. V=1 shows the commands. CT_LONG=1 lets the tests' long sweeps go all the way, as `make
# check` does. BUILD=folder builds, tests and hunts elsewhere.

# CC is `cc` by make's own default.
PREFIX  = /usr/local
SAN     =
V       =

ifeq ($(SAN),)
BUILD     = build
OPTIMIZE  = -O2
else ifeq ($(SAN),thread)
BUILD     = build/tsan
OPTIMIZE  = -O1 -g -fno-omit-frame-pointer -fsanitize=thread
else ifeq ($(SAN),fuzzer)
BUILD     = build/fuzz
OPTIMIZE  = -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
else
BUILD     = build/san
OPTIMIZE  = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
endif

ifeq ($(shell uname -s),Darwin)
SUFFIX    = dylib
SHARED    = -dynamiclib -undefined dynamic_lookup
else
SUFFIX    = so
SHARED    = -shared -Wl,-Bsymbolic
endif

# Ours stand apart from CPPFLAGS, CFLAGS and LDFLAGS, which are the user's to set.
WARNINGS  = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
DEFINES   = -D_XOPEN_SOURCE=700 -D_FILE_OFFSET_BITS=64 -D_DARWIN_C_SOURCE -Iext -I$(GEN)
LINK      = $(CC) -std=c11 $(OPTIMIZE) $(WARNINGS) $(WERROR) -fvisibility=hidden -pthread $(CFLAGS)
COMPILE   = $(LINK) $(DEFINES) $(CPPFLAGS) -MMD -MP -c
FOR_TESTS = -DSQLITE_CORE -include tests/support/faulty_sqlite.h

# The libraries go into the extension, so that it loads where they are not installed; their names
# stay inside, so that they do not meet the host's own copies. `make STATIC=` links the shared ones,
# and so does a system that has no archives.
LIBRARIES = deflate z mbedcrypto pcre2-8
ARCHIVES := $(foreach name,$(LIBRARIES),$(shell $(CC) -print-file-name=lib$(name).a 2>/dev/null))
STATIC    = $(if $(filter dylib,$(SUFFIX))$(filter-out /%,$(ARCHIVES)),,1)
ifeq ($(STATIC),)
LDLIBS    = $(LIBRARIES:%=-l%) -lm
else
LDLIBS    = -Wl,--exclude-libs,ALL -Wl,-Bstatic $(LIBRARIES:%=-l%) -Wl,-Bdynamic -lm
endif

GEN       = $(BUILD)/gen
EXT       = $(BUILD)/cloudtrail.$(SUFFIX)

SOURCES   = $(wildcard ext/*.c ext/*/*.c)
GENERATED = $(GEN)/sql_text.c $(GEN)/aws_tables.c $(GEN)/agent_tables.c $(GEN)/page_text.c
# The same sources twice: for the loadable file, and with -DSQLITE_CORE for the tests to link.
LOADABLE  = $(SOURCES:ext/%.c=$(BUILD)/ext/%.o) $(GENERATED:$(GEN)/%.c=$(BUILD)/gen/ext_%.o)
CORE      = $(SOURCES:ext/%.c=$(BUILD)/core/%.o) $(GENERATED:$(GEN)/%.c=$(BUILD)/gen/core_%.o)
SUPPORT   = $(patsubst tests/support/%.c,$(BUILD)/tests/support/%.o,$(wildcard tests/support/*.c))
PROGRAMS  = $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/test_*.c tests/*/test_*.c))

# The SQL that the extension carries, in the order in which it creates it; then what it detects by.
SQL_DIRS  = tables seeds migrations views rules hunts dashboard find detect hunting dash
# The rows of the table rule are made of the headers of the rules and hunts.
RULES     = $(sort $(wildcard sql/rules/*.sql)) $(sort $(wildcard sql/hunts/*.sql))
SQL       = $(foreach dir,$(SQL_DIRS),$(sort $(wildcard sql/$(dir)/*.sql)) \
                                      $(if $(filter seeds,$(dir)),$(GEN)/seeds/rule.sql)) \
            $(ENGINES:%=$(GEN)/engines/%.sql)
# What cloudtrail_engine_sql() writes scripts for.
ENGINES   = athena clickhouse duckdb trino

# What a recipe shows: `CC    ext/buf.c`, or with V=1 the command itself.
ifeq ($(V),)
Q         = @
say       = @printf '%-5s %s\n' '$(1)' '$(2)'
else
say       = @:
endif
again     = $(MAKE) --no-print-directory
# -j belongs to who calls (a recipe's + hands it on to $(again)); else every core.
JOBS      = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell getconf _NPROCESSORS_ONLN || echo 2))

# Goals that `make check` runs where their packages, DEPS_goal, are installed and what they fetch by
# themselves is in $(BUILD)/GOAL, and names elsewhere: it downloads nothing.
HEAVY     = versions clients engines engines-trino datasette dashboard-test

.DEFAULT_GOAL := all
GOALS     = all static run-clients hunt dashboard screenshot shell help test run-tests check run-check lint fuzz fuzzers run-fuzzers \
            mutants coverage run-coverage bench format sample rules install clean test-programs threaded run-threaded $(HEAVY) $(HEAVY:%=needs-%)
.PHONY: $(GOALS) FORCE
.SECONDARY:
.DELETE_ON_ERROR:

# Nobody may take the sample for their evidence because a word was misspelt: what hunt, shell and
# dashboard do not know is refused before anything is done.
UNKNOWN  := $(filter-out $(GOALS) $(BUILD)/% build/%,$(MAKECMDGOALS))
ifneq ($(UNKNOWN),)
$(error There is no goal $(UNKNOWN). A folder of logs: make hunt LOGS=folder, in quotes if its name has spaces. \
`make help` names the goals)
endif
ifneq ($(if $(filter 0,$(MAKELEVEL)),$(filter hunt shell dashboard,$(MAKECMDGOALS))),)
SETTINGS  = LOGS DB OUT BUILD CC CPPFLAGS CFLAGS LDFLAGS LDLIBS LIBRARIES STATIC SAN V WERROR OPTIMIZE WARNINGS
TYPED    := $(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),$(name)))
ifneq ($(filter-out $(SETTINGS),$(TYPED)),)
$(error $(filter-out $(SETTINGS),$(TYPED))= means nothing to `make $(MAKECMDGOALS)`. LOGS=folder names the logs, \
DB=file the database)
endif
EMPTY    := $(foreach name,LOGS DB,$(if $(filter-out undefined,$(origin $(name))),$(if $(value $(name)),,$(name))))
ifneq ($(strip $(EMPTY)),)
$(error $(firstword $(EMPTY))= is empty. LOGS=folder names the logs, DB=file the database)
endif
endif

all: $(EXT)
	@:

help:
	@sed -n '3,/^$$/s/^# \{0,1\}//p' Makefile

$(EXT): $(LOADABLE)
	$(call say,LINK,$@)
	$(Q)$(LINK) $(SHARED) -o $@ $^ $(LDFLAGS) $(LDLIBS)

static: $(BUILD)/libcloudtrail.a
	@:

$(BUILD)/libcloudtrail.a: $(SOURCES:ext/%.c=$(BUILD)/static/%.o) $(GENERATED:$(GEN)/%.c=$(BUILD)/gen/core_%.o)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/ext/%.o: ext/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(COMPILE) -fPIC -o $@ $<

$(BUILD)/static/%.o: ext/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$< for programs)
	$(Q)$(COMPILE) -DSQLITE_CORE -o $@ $<

$(BUILD)/core/%.o: ext/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$< for the tests)
	$(Q)$(COMPILE) $(FOR_TESTS) -o $@ $<

$(BUILD)/gen/ext_%.o: $(GEN)/%.c $(BUILD)/flags
	$(call say,CC,$<)
	$(Q)$(COMPILE) -fPIC -o $@ $<

$(BUILD)/gen/core_%.o: $(GEN)/%.c $(BUILD)/flags
	$(call say,CC,$< for the tests)
	$(Q)$(COMPILE) -DSQLITE_CORE -o $@ $<

# Two files that change only when their text does: another compiler or other flags build all
# objects anew, a file that comes or goes in sql/ makes the embedded SQL anew.
keep      = @mkdir -p $(@D); echo '$(subst ','\'',$(1))' | cmp -s - $@ || \
            echo '$(subst ','\'',$(1))' >$@

$(BUILD)/flags: FORCE
	$(call keep,$(COMPILE) $(FOR_TESTS))

$(GEN)/sql.list: FORCE
	$(call keep,$(SQL))

$(GEN)/seeds/rule.sql: $(RULES) $(GEN)/sql.list tools/rule_rows.awk
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)LC_ALL=C awk -f tools/rule_rows.awk $(RULES) >$@

# Athena's functions are Trino's.
$(GEN)/engines/%.sql: sql/engines/%.sql sql/engines/rules.sql $(wildcard sql/engines/*.pieces) \
                      sql/views/event_base.sql tools/engine_sql.awk
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)LC_ALL=C awk -f tools/engine_sql.awk sql/views/event_base.sql \
	    sql/engines/$(patsubst athena,trino,$*).pieces $< sql/engines/rules.sql >$@

$(GEN)/sql_text.c: $(SQL) $(GEN)/sql.list tools/embed_sql.sh tools/sql_shape.awk
	$(call say,GEN,$@)
	$(Q)LC_ALL=C awk -f tools/sql_shape.awk $(SQL)
	$(Q)sh tools/embed_sql.sh $(SQL) >$@

# The dashboard's page; its chart library comes from Debian's libjs-chart.js, see deps.sh.
CHART_JS  = /usr/share/javascript/chart.js/chart.min.js
PAGE      = ext/db/page/page.html ext/db/page/page.css $(sort $(wildcard ext/db/page/*.js))

$(GEN)/page_text.c: $(PAGE) tools/embed_page.sh $(wildcard $(CHART_JS))
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)sh tools/embed_page.sh $(CHART_JS) $(PAGE) >$@

AWS_FACTS = data/aws_services.tsv data/aws_operation_exceptions.tsv \
            data/aws_shared_operations.tsv data/cloudtrail_event_names.tsv data/cli_commands.tsv

$(GEN)/aws_tables.c: ext/aws/aws_tables.awk $(AWS_FACTS)
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)LC_ALL=C awk -f ext/aws/aws_tables.awk $(AWS_FACTS) >$@

AGENT_FACTS = data/user_agent_features.tsv data/user_agent_marks.tsv

$(GEN)/agent_tables.c: ext/aws/agent_tables.awk $(AGENT_FACTS)
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)LC_ALL=C awk -f ext/aws/agent_tables.awk $(AGENT_FACTS) >$@

# ---- what must be installed ---------------------------------------------------------------------

# Debian's names; on other systems tools/deps.sh says what is not there. A CC that the user chose
# is installed only when it is plainly a package's name.
COMPILER   = $(if $(filter default,$(origin CC)),cc,$(filter gcc gcc-% clang clang-%,$(CC)))
DEPS_build = $(COMPILER) libc6-dev libsqlite3-dev libdeflate-dev zlib1g-dev libmbedtls-dev libpcre2-dev \
             libjs-chart.js
DEPS_hunt  = $(DEPS_build) sqlite3
DEPS_test  = $(DEPS_build) libcmocka-dev sqlite3 python3 openssl
DEPS_bench = $(DEPS_build) sqlite3 python3 gzip time
DEPS_fuzz  = $(DEPS_build) clang libclang-rt-dev
DEPS_versions = nodejs npm
DEPS_engines = nodejs npm python3 python3-pip
DEPS_engines-trino = python3 default-jdk-headless maven
# What each client of tests/clients comes in.
DEPS_clients = g++ sqlite3 python3 nodejs npm php-cli php-sqlite3 default-jdk-headless maven \
             ruby ruby-sqlite3 libdbd-sqlite3-perl tcl libsqlite3-tcl
# Python's venv fetches the rest; Chromium looks at the page.
DEPS_datasette = $(DEPS_build) sqlite3 python3-venv chromium
# A browser, and what drives it.
DEPS_dashboard-test = sqlite3 chromium nodejs npm
DEPS_coverage = $(DEPS_test) gcc gcovr
DEPS_check = $(DEPS_test) $(DEPS_fuzz) gcc clang-format clang-tidy cppcheck
install-missing = @CC='$(CC)' CPPFLAGS='$(CPPFLAGS)' sh tools/deps.sh $(1)

# ---- hunt ---------------------------------------------------------------------------------------

# By the environment, and as they were typed: paths may hold spaces, quotes and dollars.
export CT_LOGS := $(value LOGS)
export CT_DB   := $(value DB)
export CT_FROM := $(value PWD)
export CT_OUT  := $(value OUT)

# Standard output is the report alone.
hunt shell:
	$(call install-missing,$(DEPS_hunt)) >&2
	@+$(again) $(JOBS) all >&2
	@sh tools/hunt.sh $@ $(BUILD)/cloudtrail

dashboard:
	$(call install-missing,$(DEPS_hunt))
	@+$(again) $(JOBS) all
	@sh tools/dashboard.sh $(BUILD)/cloudtrail

# ---- tests -------------------------------------------------------------------------------------

$(BUILD)/tests/%.o: tests/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(COMPILE) -DSQLITE_CORE -Itests/support -o $@ $<

# These see the extension from outside: as a file that is loaded or run, never linked in.
OUTSIDE   = $(BUILD)/tests/test_loadable $(filter $(BUILD)/tests/hunt/%,$(PROGRAMS))
$(BUILD)/tests/test_loadable: | $(BUILD)/tests/other_release.$(SUFFIX)
$(OUTSIDE): %: %.o $(BUILD)/tests/support/outside.o $(BUILD)/tests/support/temp.o
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(LDFLAGS) -lcmocka -lsqlite3 -ldl

$(BUILD)/tests/other_release.$(SUFFIX): tests/clients/other_release.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) $(DEFINES) $(CPPFLAGS) -fPIC -shared -o $@ $< $(LDFLAGS)

# A test program links every core object but mem.o: tests/support brings a mem.c that can fail.
INSIDE    = $(filter-out $(OUTSIDE),$(PROGRAMS))
$(INSIDE): %: %.o $(SUPPORT) $(filter-out %/base/mem.o,$(CORE))
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(LDFLAGS) -lcmocka -lsqlite3 $(LDLIBS)

test-programs: $(PROGRAMS) $(BUILD)/tests/other_release.$(SUFFIX)
	@:

test:
	$(call install-missing,$(DEPS_test))
	@+$(again) $(JOBS) all test-programs
	@+$(again) run-tests

# Where a test may write besides its temporary folder.
export CT_BUILD = $(BUILD)

run-tests: $(EXT) test-programs
	@CT_EXTENSION=$(EXT) sh tests/run.sh $(PROGRAMS)

# The programs in which threads read beside each other.
THREADED  = $(addprefix $(BUILD)/tests/,log/test_log db/test_log_table db/test_import)
threaded: $(THREADED)
	@:
run-threaded: $(THREADED)
	@sh tests/run.sh $(THREADED)

# ---- check --------------------------------------------------------------------------------------

C_FILES   = $(wildcard ext/*.[ch] ext/*/*.[ch] tests/*.[ch] tests/*/*.[ch])
LINTED    = $(patsubst %.c,$(BUILD)/check/tidy/%.ok,$(SOURCES) $(filter-out tests/fuzz/%,$(wildcard tests/*.c tests/*/*.c)))

check:
	$(call install-missing,$(DEPS_check))
	@+$(again) run-check

run-check:
	@echo '== format'
	@clang-format --dry-run -Werror $(C_FILES)
	@echo '== lint'
	@+$(again) $(JOBS) -k lint
	@echo '== gcc, warnings are errors; all of each test, with trusted_schema=OFF'
	@+$(again) $(JOBS) CC=gcc SAN= WERROR=-Werror BUILD=$(BUILD)/check/gcc all test-programs
	@+CT_LONG=1 CT_UNTRUSTED=1 $(again) CC=gcc SAN= WERROR=-Werror BUILD=$(BUILD)/check/gcc run-tests
	@echo '== clang, warnings are errors'
	@+$(again) $(JOBS) CC=clang SAN= WERROR=-Werror BUILD=$(BUILD)/check/clang all test-programs
	@echo '== ASan and UBSan'
	@+$(again) $(JOBS) CC=gcc SAN=1 WERROR=-Werror BUILD=$(BUILD)/check/san all test-programs
	@+$(again) CC=gcc SAN=1 WERROR=-Werror BUILD=$(BUILD)/check/san run-tests
	@echo '== threads under TSan'
	@+$(again) $(JOBS) CC=gcc SAN=thread WERROR=-Werror BUILD=$(BUILD)/check/tsan threaded
	@+$(again) CC=gcc SAN=thread WERROR=-Werror BUILD=$(BUILD)/check/tsan run-threaded
	@echo '== fuzzing'
	@+$(again) fuzz FUZZ_RUNS=20000
	@for goal in $(HEAVY); do \
	    missing=$$(sh tools/deps.sh --missing $$($(again) -s needs-$$goal)); \
	    if [ -z "$$missing" ] && [ ! -d $(BUILD)/$$goal ]; then missing=' what it fetches'; fi; \
	    if [ -z "$$missing" ]; then \
	        echo "== $$goal"; $(again) $$goal || exit 1; \
	    else \
	        echo "left out: $$goal (not installed:$$missing; make $$goal installs it)"; \
	    fi; \
	done

# The packages of a heavy goal, see HEAVY.
$(HEAVY:%=needs-%): needs-%:
	@echo $(DEPS_$*)

lint: $(LINTED) $(BUILD)/check/cppcheck.ok
	@sh tools/check_includes.sh

# The analyzer does not know that cmocka's fail() does not return.
TIDY_TESTS = --checks='-clang-analyzer-*'

$(BUILD)/check/tidy/%.ok: %.c .clang-tidy $(wildcard ext/*.h ext/*/*.h tests/support/*.h) | $(GENERATED)
	@mkdir -p $(@D)
	$(call say,TIDY,$<)
	$(Q)clang-tidy --quiet --warnings-as-errors='*' $(if $(filter tests/%,$<),$(TIDY_TESTS)) $< -- \
	    -std=c11 $(DEFINES) -Itests/support $(if $(filter tests/%,$<),-DSQLITE_CORE) \
	    >$(@:.ok=.log) 2>&1 || { grep -v ' warnings\? generated' $(@:.ok=.log); exit 1; }
	@touch $@

$(BUILD)/check/cppcheck.ok: $(wildcard ext/*.[ch] ext/*/*.[ch])
	@mkdir -p $(@D)
	$(call say,LINT,ext with cppcheck)
	$(Q)cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
	    --suppress=missingIncludeSystem --error-exitcode=1 -Iext -DSQLITE_CORE \
	    '-Dnoreturn=__attribute__((noreturn))' ext # it reads no <stdnoreturn.h>
	@touch $@

format:
	clang-format -i $(C_FILES)

# ---- fuzzing -----------------------------------------------------------------------------------

# Each program of tests/fuzz for FUZZ_SECONDS. What it finds goes to build/fuzz, and so does what it
# kept, from which the next run goes on. With FUZZ_RUNS it tries that many inputs, the same each
# time: make check judges the change and not the luck of the draw.
FUZZ_SECONDS = 30
FUZZ_RUNS    =
FUZZERS      = $(patsubst tests/fuzz/%.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))

fuzz:
	$(call install-missing,$(DEPS_fuzz))
	@+$(again) $(JOBS) CC=clang SAN=fuzzer BUILD=$(BUILD)/fuzz fuzzers
	@+$(again) CC=clang SAN=fuzzer BUILD=$(BUILD)/fuzz run-fuzzers

fuzzers: $(FUZZERS)
	@:

run-fuzzers: $(FUZZERS)
	@FUZZ_SECONDS=$(FUZZ_SECONDS) FUZZ_RUNS=$(FUZZ_RUNS) sh tests/fuzz/run.sh $(FUZZERS)

$(BUILD)/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/libcloudtrail.a
	$(call say,LINK,$@)
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $^ $(LDFLAGS) -lsqlite3 $(LDLIBS)

# ---- mutants ------------------------------------------------------------------------------------

mutants:
	$(call install-missing,$(DEPS_test))
	@python3 tests/mutants.py $(BUILD)/mutants $(WORD)

# ---- coverage -----------------------------------------------------------------------------------

# Without optimization, so that a line is a line. CT_LONG=1 counts what `make check` reaches. In the
# folder report, lines.txt names the lines of each file that no test came to, index.html shows them.
COVERED   = CC=gcc SAN= OPTIMIZE=-O0 CFLAGS=--coverage BUILD=$(BUILD)/coverage
coverage:
	$(call install-missing,$(DEPS_coverage))
	@+$(again) $(JOBS) $(COVERED) all test-programs
	@+$(again) $(COVERED) run-coverage

run-coverage:
	@find $(BUILD) -name '*.gcda' -exec rm -f {} +
	@+$(again) run-tests
	@mkdir -p $(BUILD)/report
	@gcovr --root . --filter ext/ --object-directory $(BUILD) --print-summary --txt $(BUILD)/report/lines.txt \
	    --html-details $(BUILD)/report/index.html --fail-under-line 97 --fail-under-branch 92

# ---- clients ------------------------------------------------------------------------------------

clients:
	$(call install-missing,$(DEPS_build) $(DEPS_clients))
	@+$(again) $(JOBS) all static
	@+CLIENTS_FETCH=1 $(again) run-clients

run-clients: $(EXT) $(BUILD)/libcloudtrail.a
	@CT_EXTENSION=$(EXT) CT_STATIC=$(BUILD)/libcloudtrail.a CT_LIBRARIES='$(LIBRARIES:%=-l%)' \
	    sh tests/clients/run.sh $(BUILD)/clients

# ---- other engines ------------------------------------------------------------------------------

engines:
	$(call install-missing,$(DEPS_build) $(DEPS_engines))
	@+$(again) $(JOBS) all
	@CT_EXTENSION=$(EXT) ENGINES_FETCH=1 sh tests/engines/run.sh $(BUILD)/engines

engines-trino:
	$(call install-missing,$(DEPS_build) $(DEPS_engines-trino))
	@+$(again) $(JOBS) all
	@CT_EXTENSION=$(EXT) ENGINES_FETCH=1 sh tests/engines/run_trino.sh $(BUILD)/engines-trino

# ---- Datasette -----------------------------------------------------------------------------------

datasette:
	$(call install-missing,$(DEPS_datasette))
	@+$(again) $(JOBS) all
	@DATASETTE_FETCH=1 CT_EXTENSION=$(EXT) sh tests/datasette/run.sh $(BUILD)/datasette

# ---- the dashboard in a browser ----------------------------------------------------------------

dashboard-test:
	$(call install-missing,$(DEPS_build) $(DEPS_dashboard-test))
	@+$(again) $(JOBS) all
	@CT_EXTENSION=$(EXT) DASHBOARD_FETCH=1 sh tests/dashboard/run.sh $(BUILD)/dashboard-test

# Checked in for the README.
screenshot:
	$(call install-missing,$(DEPS_build) $(DEPS_dashboard-test))
	@+$(again) $(JOBS) all
	@CT_EXTENSION=$(EXT) DASHBOARD_FETCH=1 sh tests/dashboard/run.sh $(BUILD)/dashboard-test docs/dashboard.png

# ---- versions of SQLite -------------------------------------------------------------------------

versions:
	$(call install-missing,$(DEPS_test) $(DEPS_versions))
	@+$(again) $(JOBS) all
	@CT_EXTENSION=$(EXT) sh tests/versions.sh $(BUILD)/versions

# ---- bench --------------------------------------------------------------------------------------

# RUNS, EVENTS, FILES, ROWS, ONLY, BENCH_LARGE=1 and DOCS=1 reach bench.py by the environment.
bench:
	$(call install-missing,$(DEPS_bench))
	@+$(again) $(JOBS) all
	@sh tests/bench/peer.sh $(BUILD)/bench/peer
	@CT_EXTENSION=$(EXT) CT_BENCH_DIR=$(BUILD)/bench python3 tests/bench/bench.py

# ---- the rest -----------------------------------------------------------------------------------

sample:
	python3 data/generate_sample.py
	python3 tests/independent/check_sample.py

# Checked in, so that they can be read, and used without make.
rules:
	@for rule in $$(basename -a sql/files/*.sql); do rule=sql/rules/$$rule; \
	    sh tools/rule_over_files.sh $$rule >sql/files/$${rule##*/} || exit 1; \
	done

# Folders as words of the shell.
quoted    = '$(subst ','\'',$(value DESTDIR)$(value PREFIX)/$(1))'
REPORT    = $(call quoted,share/sqlite-cloudtrail/report)

install: $(EXT)
	install -d $(call quoted,lib/sqlite3) $(call quoted,bin) $(REPORT)
	install -m 644 $(EXT) $(call quoted,lib/sqlite3)
	install -m 644 sql/report/*.sql $(REPORT)
	install -m 755 tools/cloudtrail-hunt $(call quoted,bin)

clean:
	rm -rf build

# Not all of $(BUILD): make check and others build below it.
-include $(shell find $(addprefix $(BUILD)/,ext core static gen tests) -name '*.d' 2>/dev/null)
