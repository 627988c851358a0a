/*
 * guard.h - what guard.c (requests), guard_configuration.c, guard_answers.c and guard_moderation.c share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HOOK_PLUGINS_GUARD_H
#define HOOK_PLUGINS_GUARD_H

#include "checks.h"

/* Starts an instance; ends the program where that fails. */
instance guard_start(const char *config);
/* The same with one request open. */
request *guard_open(instance *instance, const char *config);
void guard_close(instance *instance, request *request);

/* A request's body goes through, or is refused with this code, param, words of the message, and rule in the bag. */
void passes(int line, request *request, const char *body);
void refuses(int line, request *request, const char *body, int32_t code, const char *param, const char *words, const char *rule);
#define PASSES(request, body) passes(__LINE__, request, body)
#define REFUSES(request, body, code, param, words, rule) refuses(__LINE__, request, body, code, param, words, rule)

/* A body with one user text of `size` characters, too long for the strand, and `tail` behind it. */
char *long_body(size_t size, const char *tail);

void check_configuration(void);
void check_answer_splits(void);
void check_answer_words(void);
void check_answer_ends(void);
void check_answer_window(void);
void check_answer_kinds(void);
void check_answer_interest(void);
void check_moderation_input(void);
void check_moderation_request(void);
void check_moderation_field(void);
void check_moderation_failed(void);
void check_moderation_late(void);
void check_moderation_output(void);
void check_moderation_long(void);

#endif
