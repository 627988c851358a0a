/*
 * Guard: the text of an answer, over events that split it anywhere.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "guard.h"

#include <stdlib.h>

/* Shows events of the pieces, one a visit; the number of the visit that was refused (from 1), or 0. */
static int shown(instance *guard, const char *const *pieces, size_t count, const char *words) {
    request *request = host_open(guard, "r", "o", "m", PBAY_HOOKED_STREAM, NULL);
    int refused = 0;
    for (size_t i = 0; i <= count && refused == 0; i++) {
        pbay_event event = event_of(PBAY_EVENT_TEXT, i < count ? pieces[i] : "");
        const verdict *verdict = host_events(request, i == count ? PBAY_VISIT_LAST : PBAY_VISIT_SENT, &event, i < count);
        EXPECT(verdict->kind == VERDICT_CONTINUE || verdict->kind == VERDICT_REJECT, "%d", verdict->kind);
        if (verdict->kind != VERDICT_REJECT) continue;
        refused = (int)i + 1;
        EXPECT(verdict->error.code == PBAY_EINVALID && strstr(verdict->error.message, words) != NULL, "%s", verdict->error.message);
        EXPECT(strstr(host_bag(request, "patchbay.rejected"), "answers.deny[") != NULL, "%s", host_bag(request, "patchbay.rejected"));
    }
    host_close(request);
    return refused;
}

static int shown_in_two(instance *guard, const char *text, size_t split, const char *words) {
    char first[4096];
    memcpy(first, text, split);
    first[split] = 0;
    const char *pieces[] = {first, text + split};
    return shown(guard, pieces, 2, words);
}

/* A text and whether it is to be refused, by every pattern, split at every place, and a byte at a time. */
void check_answer_splits(void) {
    static const struct {
        const char *text;
        int refused;
    } texts[] = {
        {"the word hidden-treasure is here", 1}, {"hidden-treasure", 1}, {"ends with 4711", 1}, {"4711 comes first", 1}, {"so 47111", 0},
        {"code AB-1234, yes", 1}, {"code AB-123, no", 0}, {"a cat sat", 1}, {"a catalogue", 0}, {"concat", 0}, {"cat", 1}, {"cats and scat", 0},
        {"the end.", 1}, {"the end. not yet", 0}, {"", 0}, {"caf\xc3\xa9 cat\xc3\xa9gorie", 0}, {"\xf0\x9f\x98\xba cat \xf0\x9f\x98\xba", 1},
    };
    instance guard = guard_start("{\"answers\":{\"deny\":[\"hidden-\\\\w+\",{\"pattern\":\"\\\\b4711\\\\b\"},\"[A-Z]{2}-\\\\d{4}\",{\"words\":[\"cat\"]},"
                                 "\"the end\\\\.$\"]}}");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *text = texts[i].text;
        for (size_t split = 0; split <= strlen(text); split++) {
            if ((text[split] & 0xC0) == 0x80) continue; /* an event is whole UTF-8 */
            int refused = shown_in_two(&guard, text, split, "isn't allowed");
            EXPECT((refused != 0) == texts[i].refused, "%s, split at %zu: %d", text, split, refused);
        }
        char characters[64][8];
        const char *pieces[64];
        size_t count = 0;
        for (const char *at = text; *at != 0;) {
            size_t size = 1;
            while ((at[size] & 0xC0) == 0x80) size++;
            memcpy(characters[count], at, size);
            characters[count][size] = 0;
            pieces[count] = characters[count];
            count++;
            at += size;
        }
        int refused = shown(&guard, pieces, count, "isn't allowed");
        EXPECT((refused != 0) == texts[i].refused, "%s, a character at a time: %d", text, refused);
    }
    host_stop(&guard);
}

/* A refusal comes as soon as it is sure, and its message is the entry's. */
void check_answer_words(void) {
    static const char *const pieces[] = {"it is se", "cret", " and", " more"}, *const open[] = {"it is secret", "ive"};
    instance guard = guard_start("{\"answers\":{\"deny\":[{\"words\":[\"secret\"],\"message\":\"not that\"}]}}");
    EXPECT(shown(&guard, pieces, 4, "not that") == 3, "%d", shown(&guard, pieces, 4, "not that"));
    EXPECT(shown(&guard, open, 2, "not that") == 0, "secretive");
    host_stop(&guard);
}

/* A text ends where its part, its item or the answer does, and where another kind begins. */
void check_answer_ends(void) {
    static const uint32_t ends[] = {PBAY_EVENT_PART_END, PBAY_EVENT_ITEM_END, PBAY_EVENT_TOOL_CALL, PBAY_EVENT_ITEM, PBAY_EVENT_REFUSAL};
    instance guard = guard_start("{\"answers\":{\"deny\":[{\"words\":[\"cat\"]},\"foobar\"]}}");
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        for (int together = 0; together < 2; together++) {
            pbay_event events[3] = {event_of(PBAY_EVENT_TEXT, "a cat"), event_of(ends[i], "{\"type\":\"x\"}"), event_of(PBAY_EVENT_TEXT, "alogue")};
            request *request = host_open(&guard, "r", "o", "m", 0, NULL);
            int kind = together ? host_events(request, 0, events, 3)->kind : VERDICT_CONTINUE;
            for (int j = 0; j < 3 && !together && kind == VERDICT_CONTINUE; j++) kind = host_events(request, 0, &events[j], 1)->kind;
            EXPECT(kind == VERDICT_REJECT, "kind %u, together %d: %d", ends[i], together, kind);
            host_close(request);
            /* And what stands on both sides of an end isn't one text. */
            events[0] = event_of(PBAY_EVENT_TEXT, "foo");
            events[2] = event_of(PBAY_EVENT_TEXT, "bar");
            request = host_open(&guard, "r", "o", "m", 0, NULL);
            EXPECT(host_events(request, PBAY_VISIT_LAST, events, 3)->kind == VERDICT_CONTINUE, "kind %u", ends[i]);
            host_close(request);
        }
    }
    pbay_event said = event_of(PBAY_EVENT_TEXT, "a cat"), refusal = event_of(PBAY_EVENT_REFUSAL, "alogue");
    request *request = host_open(&guard, "r", "o", "m", 0, NULL);
    host_events(request, 0, &said, 1);
    EXPECT(host_events(request, 0, &refusal, 1)->kind == VERDICT_REJECT, "a refusal after a text");
    host_close(request);
    host_stop(&guard);
}

/* What is kept of a long text is bounded, and still enough for a match of max_match bytes. */
void check_answer_window(void) {
    instance guard = guard_start("{\"answers\":{\"deny\":[\"BEGIN.*END\",\"^start$\",{\"words\":[\"fin\"]}],\"max_match\":100}}");
    for (int gap = 0; gap < 90; gap += 7) {
        request *request = host_open(&guard, "r", "o", "m", 0, NULL);
        pbay_event filler = event_of(PBAY_EVENT_TEXT, "xxxxxxx \xc3\xa9\xc3\xa9\xc3\xa9 fins "), dot = event_of(PBAY_EVENT_TEXT, ".");
        for (int i = 0; i < 50; i++) EXPECT(host_events(request, 0, &filler, 1)->kind == VERDICT_CONTINUE, "filler %d", i);
        pbay_event begin = event_of(PBAY_EVENT_TEXT, "BEGIN"), end = event_of(PBAY_EVENT_TEXT, "END"), start = event_of(PBAY_EVENT_TEXT, "start");
        EXPECT(host_events(request, 0, &start, 1)->kind == VERDICT_CONTINUE, "start");
        EXPECT(host_events(request, 0, &begin, 1)->kind == VERDICT_CONTINUE, "BEGIN");
        for (int i = 0; i < gap; i++) EXPECT(host_events(request, 0, &dot, 1)->kind == VERDICT_CONTINUE, "dot %d", i);
        int kind = host_events(request, 0, &end, 1)->kind;
        if (kind == VERDICT_CONTINUE) kind = host_events(request, 0, &dot, 1)->kind;
        EXPECT(kind == VERDICT_REJECT, "gap %d", gap);
        host_close(request);
    }
    host_stop(&guard);
    /* Where what is kept begins, no text begins. */
    guard = guard_start("{\"answers\":{\"deny\":[\"^fin\",{\"words\":[\"fin\"]}],\"max_match\":16}}");
    request *request = host_open(&guard, "r", "o", "m", 0, NULL);
    for (int i = 0; i < 700; i++) {
        char character[2] = {"aaxfin "[i % 7], 0};
        pbay_event event = event_of(PBAY_EVENT_TEXT, character);
        EXPECT(host_events(request, 0, &event, 1)->kind == VERDICT_CONTINUE, "character %d", i);
    }
    host_close(request);
    host_stop(&guard);
}

void check_answer_kinds(void) {
    static const uint32_t kinds[] = {PBAY_EVENT_TEXT, PBAY_EVENT_REFUSAL, PBAY_EVENT_REASONING, PBAY_EVENT_REASONING_SUMMARY, PBAY_EVENT_ARGUMENTS};
    static const int refused[2][5] = {{1, 1, 0, 0, 0}, {1, 1, 1, 1, 0}};
    for (int reasoning = 0; reasoning < 2; reasoning++) {
        instance guard = guard_start(reasoning ? "{\"answers\":{\"deny\":[\"bad\"],\"reasoning\":true}}" : "{\"answers\":{\"deny\":[\"bad\"]}}");
        for (int i = 0; i < 5; i++) {
            request *request = host_open(&guard, "r", "o", "m", 0, NULL);
            pbay_event event = event_of(kinds[i], "so bad it is");
            int kind = host_events(request, 0, &event, 1)->kind;
            EXPECT((kind == VERDICT_REJECT) == refused[reasoning][i], "kind %u, reasoning %d: %d", kinds[i], reasoning, kind);
            host_close(request);
        }
        host_stop(&guard);
    }
}

/* A point without a rule isn't visited. */
void check_answer_interest(void) {
    static const struct {
        const char *config;
        uint32_t points;
    } cases[] = {
        {"{\"models\":{\"deny\":[\"a\"]}}", PBAY_POINT_REQUEST},
        {"{\"limits\":{\"images\":3}}", PBAY_POINT_REQUEST},
        {"{\"texts\":{\"deny\":[\"a\"]}}", PBAY_POINT_REQUEST},
        {"{\"tools\":{\"deny\":[\"a\"]}}", PBAY_POINT_REQUEST | PBAY_POINT_TOOL_CALL},
        {"{\"answers\":{\"deny\":[\"a\"]}}", PBAY_POINT_EVENTS},
        {"{\"moderation\":{\"model\":\"m\",\"instructions\":\"i\",\"block_if\":\"a\"}}", PBAY_POINT_REQUEST},
        {"{\"moderation\":{\"model\":\"m\",\"instructions\":\"i\",\"block_if\":\"a\",\"on\":\"output\"}}", PBAY_POINT_COMPLETE},
        {"{\"moderation\":{\"model\":\"m\",\"instructions\":\"i\",\"block_if\":\"a\",\"on\":\"both\"}}", PBAY_POINT_REQUEST | PBAY_POINT_COMPLETE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        instance guard = guard_start(cases[i].config);
        EXPECT(guard.hooks->points == cases[i].points, "%s: %x", cases[i].config, guard.hooks->points);
        EXPECT(guard.hooks->flags == 0, "%s", cases[i].config);
        host_stop(&guard);
    }
}
