/*
 * A ring of files in the order of the walk. Each is claimed by one thread, which opens it and fills
 * its batches; the user's thread takes the batches of the first file in the ring, and files leave
 * the ring at that end only. All that two threads touch is guarded by one lock, held for a few
 * assignments at a time; files and batches are worked on outside it.
 */
#include "log/log.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/grow.h"
#include "base/mem.h"

enum {
    BATCHES_AHEAD = 16,                 /* of one file: what an import gathers before it writes */
    QUEUED_BYTES_MAX = 8 * 1024 * 1024, /* in batches: when they take more, no other is begun but
                                           the one that is used next */
    WHOLE_BYTES_MAX = 24 * 1024 * 1024, /* for gzip files that are inflated whole */
    KEPT_BATCH_BYTES = 2 * 1024 * 1024  /* one that grew larger is not used again */
};

typedef enum file_state {
    FILE_WAITS,  /* nobody works on it */
    FILE_AHEAD,  /* a thread that reads ahead does */
    FILE_OURS,   /* the user's thread does, for a batch: then it waits again */
    FILE_IS_READ /* all its batches are queued or used */
} file_state;

typedef struct log_file {
    ct_buf path; /* NUL-terminated */
    ct_file_info info;
    const char *error; /* why it cannot be opened, when the walk found out */
    file_state state;
    ct_reader *reader;              /* owned; of whoever works on it */
    bool begun;                     /* its first batch was begun */
    ct_batch *queue[BATCHES_AHEAD]; /* owned; the first n_queued, oldest first */
    int n_queued;
} log_file;

/* A file that the walk has found and the ring has no place for yet. */
typedef struct found_file {
    char *path; /* owned; NULL once it is handed over */
    ct_file_info info;
    const char *error;                  /* constant */
    char time[sizeof "20240514T0905Z"]; /* from its name; empty where there is none */
    size_t order;                       /* in the walk */
} found_file;

struct ct_log {
    ct_paths *paths;         /* owned; used in the user's thread only */
    size_t n_sorted;         /* files to sort at a time */
    found_file *found_files; /* owned; sorted */
    size_t n_found, next_found, found_capacity;
    ct_log_filter *filter;
    void *context; /* borrowed: the filter's */
    ct_column_set columns;
    ct_row_filter rows;
    bool hash;
    bool found;         /* the name led to something, wanted or not */
    bool all_found;     /* the walk is at its end ... */
    bool walk_ended;    /* ... and all it found has been in the ring */
    int64_t size_found; /* bytes on disk of the wanted files found so far */
    int64_t n_ignored;  /* files that are nobody's log */
    bool no_memory;

    ct_gunzip_budget budget; /* of all readers, for files inflated whole */
    unsigned n_walked;       /* files, between two questions */
    ct_pulse pulse;          /* of who uses the log */
    bool is_stopped;         /* it said no */
    ct_pulse for_user;       /* for what the user's thread reads: asks it, and remembers */
    ct_pulse for_threads;    /* for what is read ahead: until the log is closed */

    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t threads[CT_LOG_THREADS_MAX];
    int n_threads; /* that run */
    bool stop;
    log_file ring[CT_LOG_FILES_AHEAD];
    size_t queued_bytes;     /* of the batches that lie in queues */
    size_t last_bytes;       /* of the batch that was queued last: what another is taken to need */
    unsigned n_filling;      /* batches that are being filled */
    unsigned first, n_files; /* of the ring: numbers that only grow, and how many are in */
    ct_batch *free_batches;  /* owned */
    ct_reader *free_readers[CT_LOG_THREADS_MAX + 1]; /* owned: one a thread, the user's too */
};

enum { N_FREE_READERS = CT_LOG_THREADS_MAX + 1 };

static log_file *file_at(ct_log *l, unsigned i)
{
    return &l->ring[(l->first + i) % CT_LOG_FILES_AHEAD];
}

/* ---- things to use again (under the lock) --------------------------------------------------- */

static ct_batch *take_batch(ct_log *l)
{
    pthread_mutex_lock(&l->lock);
    ct_batch *b = l->free_batches;
    if (b)
        l->free_batches = b->next;
    pthread_mutex_unlock(&l->lock);
    return b ? b : ct_batch_new(l->columns, &l->rows);
}

int64_t ct_log_ignored(const ct_log *log)
{
    return log->n_ignored;
}

int64_t ct_log_size(const ct_log *log)
{
    return log->all_found ? log->size_found : 0;
}

void ct_log_release(ct_log *log, ct_batch *batch)
{
    if (ct_batch_memory(batch) > KEPT_BATCH_BYTES) {
        ct_batch_free(batch);
        return;
    }
    pthread_mutex_lock(&log->lock);
    batch->next = log->free_batches;
    log->free_batches = batch;
    pthread_mutex_unlock(&log->lock);
}

static ct_reader *take_reader(ct_log *l)
{
    ct_reader *r = NULL;
    pthread_mutex_lock(&l->lock);
    for (int i = 0; i < N_FREE_READERS && !r; i++) {
        r = l->free_readers[i];
        l->free_readers[i] = NULL;
    }
    pthread_mutex_unlock(&l->lock);
    return r;
}

static void give_reader(ct_log *l, ct_reader *reader)
{
    pthread_mutex_lock(&l->lock);
    for (int i = 0; i < N_FREE_READERS && reader; i++) {
        if (!l->free_readers[i]) {
            l->free_readers[i] = reader;
            reader = NULL;
        }
    }
    pthread_mutex_unlock(&l->lock);
    ct_reader_close(reader);
}

/* ---- whether to go on ----------------------------------------------------------------------- */

static bool user_goes_on(void *log, bool waits)
{
    ct_log *l = log;
    if (!l->is_stopped && !ct_goes_on(&l->pulse, waits))
        l->is_stopped = true;
    return !l->is_stopped;
}

static bool thread_goes_on(void *log, bool waits)
{
    ct_log *l = log;
    (void)waits;
    pthread_mutex_lock(&l->lock);
    bool goes_on = !l->stop;
    pthread_mutex_unlock(&l->lock);
    return goes_on;
}

/* Waits for another thread, and not longer than a user would notice (under the lock). */
static void wait_for_change(ct_log *l)
{
    enum { LOOK_NS = 50 * 1000 * 1000, SECOND_NS = 1000 * 1000 * 1000 };
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += LOOK_NS;
    until.tv_sec += until.tv_nsec / SECOND_NS;
    until.tv_nsec %= SECOND_NS;
    if (pthread_cond_timedwait(&l->changed, &l->lock, &until) == 0)
        return;
    pthread_mutex_unlock(&l->lock);
    (void)user_goes_on(l, false);
    pthread_mutex_lock(&l->lock);
}

/* ---- one file ------------------------------------------------------------------------------ */

/* Gives the file a reader. Without one and without *error there is no memory. */
static void open_file(ct_log *l, log_file *f, const char **error)
{
    ct_reader *r = take_reader(l);
    ct_source *source;
    const char *path = f->info.is_stdin ? NULL : f->path.data;
    if (r && ct_reader_reopen(r, path, error) == CT_SOURCE_OK) {
        f->reader = r;
        return;
    }
    if (r) { /* it keeps its memory for the next file */
        give_reader(l, r);
        return;
    }
    if (ct_source_open(path, &source, error) == CT_SOURCE_OK) {
        ct_source_set_budget(source, &l->budget);
        if (l->hash)
            ct_source_set_hash(source);
        f->reader = ct_reader_open(source);
    }
}

/* Lets the reader ask those who can say whether its work is still wanted. */
static void set_pulse(ct_log *l, log_file *f)
{
    if (f->reader)
        ct_reader_set_pulse(f->reader, f->state == FILE_AHEAD ? &l->for_threads : &l->for_user);
}

/* The file's next batch; NULL when there is no memory. */
static ct_batch *fill_batch(ct_log *l, log_file *f)
{
    ct_batch *b = take_batch(l);
    const char *error = f->error;
    if (!b)
        return NULL;
    ct_batch_begin(b, f->path.data, &f->info);
    b->begins_file = !f->begun;
    if (!f->begun && !error)
        open_file(l, f, &error);
    set_pulse(l, f); /* another thread may have read the batch before */
    f->begun = true;
    if (f->reader)
        ct_batch_fill(b, f->reader);
    else if (error)
        ct_batch_fail(b, error);
    else
        b->no_memory = true;
    if (b->no_memory)
        b->ends_file = true;
    if (b->ends_file && f->reader) {
        give_reader(l, f->reader);
        f->reader = NULL;
    }
    return b;
}

/* Queues the batch that was begun; NULL: there was no memory for it (under the lock). */
static void queue_batch(ct_log *l, log_file *f, ct_batch *b)
{
    l->n_filling--;
    pthread_cond_broadcast(&l->changed);
    if (!b) {
        l->no_memory = true;
        f->state = FILE_IS_READ;
        return;
    }
    l->last_bytes = ct_batch_memory(b);
    l->queued_bytes += l->last_bytes;
    f->queue[f->n_queued++] = b;
    if (b->ends_file)
        f->state = FILE_IS_READ;
    else if (f->state == FILE_OURS)
        f->state = FILE_WAITS; /* so that a large file is read ahead while its batches are used */
}

/* Whether enough lies queued, or is about to (under the lock). */
static bool is_enough(const ct_log *l)
{
    return l->queued_bytes + l->n_filling * l->last_bytes >= QUEUED_BYTES_MAX;
}

/* The first file that nobody works on, claimed; NULL when there is none. Where there is enough,
 * only the one that is used next can be had (under the lock). */
static log_file *claim_file(ct_log *l, file_state state)
{
    unsigned n = is_enough(l) && l->n_files > 0 ? 1 : l->n_files;
    for (unsigned i = 0; i < n; i++) {
        log_file *f = file_at(l, i);
        /* A read of standard input may last for hours: who uses the log must be asked meanwhile. */
        bool is_full = f->n_queued == BATCHES_AHEAD;
        if (f->state == FILE_WAITS && !is_full && !(f->info.is_stdin && state == FILE_AHEAD)) {
            f->state = state;
            return f;
        }
    }
    return NULL;
}

/* Fills one batch of a file that was claimed (the lock is open meanwhile). */
static void work_on(ct_log *l, log_file *f)
{
    l->n_filling++;
    pthread_mutex_unlock(&l->lock);
    ct_batch *b = fill_batch(l, f);
    pthread_mutex_lock(&l->lock);
    queue_batch(l, f, b);
}

/* ---- the threads that read ahead ----------------------------------------------------------- */

/* Whether the file's next batch is to wait (under the lock). Never while the user waits for it:
 * nothing would be used any more. */
static bool must_wait(ct_log *l, const log_file *f)
{
    bool is_awaited = f == file_at(l, 0) && f->n_queued == 0;
    return f->n_queued == BATCHES_AHEAD || (is_enough(l) && !is_awaited);
}

/* Fills the batches of one file (under the lock, which is open meanwhile). */
static void read_file(ct_log *l, log_file *f)
{
    while (f->state != FILE_IS_READ && !l->stop) {
        if (must_wait(l, f))
            pthread_cond_wait(&l->changed, &l->lock);
        else
            work_on(l, f);
    }
}

static void *read_ahead(void *log)
{
    ct_log *l = log;
    pthread_mutex_lock(&l->lock);
    while (!l->stop) {
        log_file *f = claim_file(l, FILE_AHEAD);
        if (f)
            read_file(l, f);
        else
            pthread_cond_wait(&l->changed, &l->lock);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

/* ---- the user's thread --------------------------------------------------------------------- */

/* The time in a name that AWS gave: 14 characters between underscores. */
static void find_time(const char *path, char time[sizeof "20240514T0905Z"])
{
    static const char form[] = "_ddddddddTddddZ_";
    time[0] = '\0';
    const char *name = strrchr(path, '/');
    for (const char *p = name ? name : path; (p = strchr(p, '_')) != NULL; p++) {
        size_t i = 0;
        while (form[i] && (form[i] == 'd' ? p[i] >= '0' && p[i] <= '9' : p[i] == form[i]))
            i++;
        if (form[i] == '\0') {
            memcpy(time, p + 1, i - 2);
            time[i - 2] = '\0';
            return;
        }
    }
}

static int compare_found(const void *left, const void *right)
{
    const found_file *a = left, *b = right;
    int order = strcmp(a->time, b->time);
    return order ? order : (a->order > b->order) - (a->order < b->order);
}

static bool add_found(ct_log *l, const char *path, const ct_file_info *info, const char *error)
{
    size_t n = strlen(path) + 1;
    char *copy = ct_malloc(n);
    found_file *found = ct_grow(l->found_files, l->n_found, &l->found_capacity, 64, sizeof *found);
    if (found)
        l->found_files = found;
    if (!copy || !found) {
        ct_free(copy);
        return false;
    }
    memcpy(copy, path, n);
    found_file *f = &l->found_files[l->n_found];
    *f = (found_file){.path = copy, .info = *info, .error = error, .order = l->n_found};
    find_time(path, f->time);
    l->n_found++;
    l->size_found += info->size;
    return true;
}

/* Whether a file's name says that it is nobody's log: what the Mac's Finder leaves in folders and
 * beside files, and what AWS writes into a bucket to see that it may. */
static bool is_noise(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    return strcmp(name, ".DS_Store") == 0 || strncmp(name, "._", 2) == 0 ||
           strcmp(name, "aws-logs-write-test") == 0;
}

/* Walks on to the next files that are wanted, and sorts them. */
static ct_paths_status walk(ct_log *l)
{
    l->n_found = l->next_found = 0;
    while (l->n_found < l->n_sorted) {
        enum { FILES_BETWEEN = 64 };
        const char *path, *error = NULL;
        ct_file_info info;
        if (++l->n_walked % FILES_BETWEEN == 0 && !user_goes_on(l, false))
            return CT_PATHS_END;
        ct_paths_status status = ct_paths_next(l->paths, &path, &info, &error);
        if (status == CT_PATHS_NO_MEMORY)
            return status;
        if (status == CT_PATHS_END) {
            l->all_found = true;
            break;
        }
        l->found = true;
        if (status == CT_PATHS_FILE && is_noise(path)) {
            l->n_ignored++;
            continue;
        }
        if (status == CT_PATHS_FILE && l->filter && !l->filter(l->context, path, &info))
            continue;
        if (!add_found(l, path, &info, status == CT_PATHS_SKIPPED ? error : NULL))
            return CT_PATHS_NO_MEMORY;
    }
    if (l->n_found > 1)
        qsort(l->found_files, l->n_found, sizeof *l->found_files, compare_found);
    return l->n_found > 0 ? CT_PATHS_FILE : CT_PATHS_END;
}

/* The next file, into a place of the ring that nobody else looks at yet. */
static ct_paths_status put_next(ct_log *l, log_file *f)
{
    if (l->next_found == l->n_found) {
        ct_paths_status status = walk(l);
        if (status != CT_PATHS_FILE)
            return status;
    }
    found_file *found = &l->found_files[l->next_found++];
    ct_buf_clear(&f->path);
    ct_buf_put(&f->path, found->path, strlen(found->path) + 1);
    ct_free(found->path);
    found->path = NULL;
    f->info = found->info;
    f->error = found->error;
    f->state = FILE_WAITS;
    f->begun = false;
    f->n_queued = 0;
    return ct_buf_ok(&f->path) ? CT_PATHS_FILE : CT_PATHS_NO_MEMORY;
}

/* Walks on until the ring is full. */
static void fill_ring(ct_log *l)
{
    unsigned n_new = 0;
    bool no_memory = false;
    while (!l->walk_ended && l->n_files + n_new < CT_LOG_FILES_AHEAD) {
        ct_paths_status status = put_next(l, file_at(l, l->n_files + n_new));
        if (status == CT_PATHS_FILE)
            n_new++;
        else
            l->walk_ended = true;
        no_memory = status == CT_PATHS_NO_MEMORY;
    }
    if (n_new == 0 && !no_memory)
        return;
    pthread_mutex_lock(&l->lock);
    l->n_files += n_new;
    l->no_memory = l->no_memory || no_memory;
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
}

/* The oldest batch of the first file (under the lock). */
static ct_batch *take_queued(ct_log *l, log_file *f)
{
    ct_batch *b = f->queue[0];
    l->queued_bytes -= ct_batch_memory(b);
    f->n_queued--;
    for (int i = 0; i < f->n_queued; i++)
        f->queue[i] = f->queue[i + 1];
    return b;
}

/* The next batch of the first file; NULL when all of it is used (under the lock). While another
 * thread is at it, this one does not wait as long as there is a file nobody works on. */
static ct_batch *next_of_first(ct_log *l, log_file *f)
{
    for (;;) {
        if (f->n_queued > 0)
            return take_queued(l, f);
        if (f->state == FILE_IS_READ)
            return NULL;
        if (f->state == FILE_WAITS)
            f->state = FILE_OURS;
        log_file *mine = f->state == FILE_OURS ? f : claim_file(l, FILE_OURS);
        if (mine)
            work_on(l, mine);
        else
            wait_for_change(l);
        if (l->is_stopped)
            return NULL;
    }
}

ct_log_status ct_log_next(ct_log *log, ct_batch **batch)
{
    *batch = NULL;
    for (;;) {
        if (!log->is_stopped)
            fill_ring(log);
        if (log->is_stopped)
            return CT_LOG_STOPPED;
        if (log->n_files == 0)
            return log->no_memory ? CT_LOG_NO_MEMORY : log->found ? CT_LOG_END : CT_LOG_EMPTY;

        pthread_mutex_lock(&log->lock);
        log_file *f = file_at(log, 0);
        *batch = next_of_first(log, f);
        bool is_used = f->state == FILE_IS_READ && f->n_queued == 0;
        if (is_used) {
            log->first++;
            log->n_files--;
        }
        bool no_memory = log->no_memory;
        pthread_cond_broadcast(&log->changed);
        pthread_mutex_unlock(&log->lock);

        /* What was read while it was told to stop ends early, and is not what the file holds. */
        if (log->is_stopped || no_memory || (*batch && (*batch)->no_memory)) {
            if (*batch)
                ct_log_release(log, *batch);
            *batch = NULL;
            return log->is_stopped ? CT_LOG_STOPPED : CT_LOG_NO_MEMORY;
        }
        if (*batch)
            return CT_LOG_BATCH;
    }
}

/* ---- open and close ------------------------------------------------------------------------ */

/* One for each core but the one that uses the rows; one at least, because it waits for the disk. */
static int default_threads(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN) - 1;
    return n < 1 ? 1 : n > CT_LOG_THREADS_MAX ? CT_LOG_THREADS_MAX : (int)n;
}

/* Signals are for the threads of the program we are loaded into. */
static void start_threads(ct_log *l, int n)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (l->n_threads < n && l->n_threads < CT_LOG_THREADS_MAX &&
           pthread_create(&l->threads[l->n_threads], NULL, read_ahead, l) == 0)
        l->n_threads++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

bool ct_log_open(const char *name, const ct_log_options *options, ct_log **log,
                 char error_text[CT_PATHS_ERROR_MAX])
{
    *log = NULL;
    error_text[0] = '\0';
    ct_log *l = ct_malloc(sizeof *l);
    if (!l)
        return false;
    memset(l, 0, sizeof *l);
    l->columns = options->columns;
    l->pulse = options->pulse;
    l->for_user = (ct_pulse){.goes_on = user_goes_on, .context = l};
    l->for_threads = (ct_pulse){.goes_on = thread_goes_on, .context = l};
    l->hash = options->hash;
    if (options->rows)
        l->rows = *options->rows;
    ct_gunzip_budget_give(&l->budget, WHOLE_BYTES_MAX);
    l->last_bytes = QUEUED_BYTES_MAX; /* until one is filled and shows what they need */
    l->n_sorted = options->order == CT_LOG_BY_TIME ? CT_LOG_SORTED : 1;
    l->filter = options->filter;
    l->context = options->context;
    if (ct_paths_open(name, options->guard, &l->paths, error_text) != CT_PATHS_FILE) {
        ct_free(l);
        return false;
    }
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->changed, NULL);
    fill_ring(l);
    if (l->n_files > 0)
        start_threads(l, options->n_threads ? options->n_threads : default_threads());
    *log = l;
    return true;
}

static void stop_threads(ct_log *l)
{
    pthread_mutex_lock(&l->lock);
    l->stop = true;
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
    while (l->n_threads > 0)
        pthread_join(l->threads[--l->n_threads], NULL);
}

void ct_log_close(ct_log *log)
{
    if (!log)
        return;
    stop_threads(log);
    for (unsigned i = 0; i < CT_LOG_FILES_AHEAD; i++) {
        log_file *f = &log->ring[i];
        for (int k = 0; k < f->n_queued; k++)
            ct_batch_free(f->queue[k]);
        ct_reader_close(f->reader);
        ct_buf_free(&f->path);
    }
    while (log->free_batches) {
        ct_batch *b = log->free_batches;
        log->free_batches = b->next;
        ct_batch_free(b);
    }
    for (int i = 0; i < N_FREE_READERS; i++)
        ct_reader_close(log->free_readers[i]);
    pthread_mutex_destroy(&log->lock);
    pthread_cond_destroy(&log->changed);
    for (size_t i = log->next_found; i < log->n_found; i++)
        ct_free(log->found_files[i].path);
    ct_free(log->found_files);
    ct_paths_close(log->paths);
    ct_free(log);
}
