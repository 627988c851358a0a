/* A library of plain C functions, for tests of what is bound by its signature alone. */
#include <ctype.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int calls, freed, waiting, open_gate;

static void called(void) {
    pthread_mutex_lock(&lock);
    calls++;
    pthread_mutex_unlock(&lock);
}

int32_t fixture_count(const char *what) {
    pthread_mutex_lock(&lock);
    int count = !strcmp(what, "calls") ? calls : !strcmp(what, "freed") ? freed : waiting;
    pthread_mutex_unlock(&lock);
    return count;
}

void fixture_go(void) {
    pthread_mutex_lock(&lock);
    open_gate = 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

#define ECHO(name, type)         \
    type echo_##name(type x) {   \
        called();                \
        return x;                \
    }                            \
    void store_##name(type x, type *out) { \
        called();                \
        *out = x;                \
    }                            \
    void copy_##name(const type *in, size_t n, type *out, size_t *written) { \
        called();                \
        *written = n;            \
        for (size_t i = 0; i < n; i++) out[i] = in[i]; \
    }
ECHO(bool, bool)
ECHO(int8, int8_t)
ECHO(int16, int16_t)
ECHO(int32, int32_t)
ECHO(int64, int64_t)
ECHO(uint8, uint8_t)
ECHO(uint16, uint16_t)
ECHO(uint32, uint32_t)
ECHO(uint64, uint64_t)
ECHO(short, short)
ECHO(ushort, unsigned short)
ECHO(int, int)
ECHO(uint, unsigned)
ECHO(long, long)
ECHO(ulong, unsigned long)
ECHO(size, size_t)
ECHO(float, float)
ECHO(double, double)

/* Small enough for registers, too large for them, and one inside another. */
struct small { int8_t a; float b; };
struct large { int8_t a; double b; struct small c[1]; uint64_t d; bool e; };
struct small echo_small(struct small x) { called(); return x; }
struct large echo_large(struct large x) { called(); return x; }
double sum_large(struct large x, int8_t more) { called(); return x.a + x.b + x.c[0].a + x.c[0].b + (double)x.d + x.e + more; }

/* Ten arguments of many kinds, some of which go over the stack. */
double many(int8_t a, uint64_t b, float c, double d, int16_t e, const char *f, bool g, int64_t h, uint8_t i, double j) {
    called();
    return a + (double)b + c + d + e + (double)strlen(f) + g + (double)h + i + j;
}

int length(const char *text) { called(); return text ? (int)strlen(text) : -1; }
const char *null_text(void) { called(); return NULL; }
const char *broken_text(void) { called(); return "a\xff" "b"; }
char *upper(const char *text) {
    called();
    char *copy = strdup(text);
    for (char *c = copy; *c; c++) *c = (char)toupper((unsigned char)*c);
    return copy;
}
void give_back(void *memory) {
    pthread_mutex_lock(&lock);
    freed++;
    pthread_mutex_unlock(&lock);
    free(memory);
}
/* Memory of its own, with its length beside it. */
uint8_t *twice(const uint8_t *data, size_t n, size_t *length) {
    called();
    uint8_t *copy = malloc(2 * n + 1);
    memcpy(copy, data, n);
    memcpy(copy + n, data, n);
    *length = 2 * n;
    return copy;
}
void no_result(void) { called(); }

/* Fills what it is told is there, and returns how much it says that it wrote. */
long fill(uint8_t *out, size_t room, long says) {
    called();
    memset(out, 'x', room);
    return says;
}
int say_length(uint8_t *out, uint32_t *length, uint32_t says) {
    called();
    if (*length > 0) out[0] = 'y';
    *length = says;
    return 0;
}
void words(char *out, size_t room) { called(); strncpy(out, "a few words that are cut", room); }
/* Keeps the even ones. */
void evens(int32_t *numbers, uint16_t *count) {
    called();
    uint16_t kept = 0;
    for (uint16_t i = 0; i < *count; i++)
        if (numbers[i] % 2 == 0) numbers[kept++] = numbers[i];
    *count = kept;
}
void add_one(double *x) { called(); *x += 1; }

int check(const char *text) { called(); return strstr(text, "bad") ? -7 : 0; }
const char *check_words(int status) { return status == -7 ? "it is bad" : "unknown"; }
void *find(const char *text) { called(); return strstr(text, "bad") ? NULL : (void *)text; }
int is_null(const void *p, const char *s, const void *b, size_t n) { called(); return !p && !s && !b && n == 0; }

int hang(int x) {
    called();
    pthread_mutex_lock(&lock);
    waiting++;
    while (!open_gate) pthread_cond_wait(&changed, &lock);
    waiting--;
    pthread_mutex_unlock(&lock);
    return x;
}

int a_variable = 1;
