/*
 * The models that call tools: which tool, with which arguments.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "scripted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pbay_text text_of(const char *zero_terminated) {
    pbay_text text = {zero_terminated, strlen(zero_terminated)};
    return text;
}

/* Function tool number `index` of the request, or the first; tool_choice, where it names one, decides. */
static pjson_value find_tool(const call *call, size_t index) {
    pjson_value chosen = pjson_member(pjson_member(call->body, "tool_choice"), "name");
    pjson_iterator tools = pjson_iterate(pjson_member(call->body, "tools"));
    pjson_value tool, first = {NULL, 0, PJSON_NONE};
    while (pjson_next(&tools, NULL, &tool)) {
        pjson_value name = pjson_member(tool, "name");
        if (!pjson_equals(pjson_member(tool, "type"), "function") || name.kind != PJSON_STRING) continue;
        if (chosen.kind == PJSON_STRING) {
            if (chosen.size == name.size && memcmp(chosen.data, name.data, name.size) == 0) return tool;
            continue;
        }
        if (index == 0) return tool;
        index--;
        if (first.kind == PJSON_NONE) first = tool;
    }
    return first;
}

/* Adds to call->second, which has room. */
static void add(owned_text *text, const char *data, size_t size) {
    memcpy(text->data + text->size, data, size);
    text->size += size;
}

/*
 * Arguments that fit the tool's schema: each required property with a fixed value of its type. A string is `city`, or the first
 * of its `enum`.
 */
static int make_arguments(owned_text *out, pjson_value tool, const char *city) {
    pjson_value schema = pjson_member(tool, "parameters"), properties = pjson_member(schema, "properties");
    pjson_iterator required = pjson_iterate(pjson_member(schema, "required"));
    pjson_value name;
    /* A member takes its name, which is part of the schema, a value of at most the schema's size or 16 bytes, and two signs. */
    size_t room = tool.size + pjson_count(pjson_member(schema, "required")) * (tool.size + 32) + 2;
    if (room > 1 << 20) room = 1 << 20;
    out->data = malloc(room);
    out->size = 0;
    if (out->data == NULL) return 0;
    add(out, "{", 1);
    while (pjson_next(&required, NULL, &name)) {
        if (name.kind != PJSON_STRING) continue;
        pjson_value property = {NULL, 0, PJSON_NONE}, key, value;
        pjson_iterator members = pjson_iterate(properties);
        while (pjson_next(&members, &key, &value)) {
            if (key.size == name.size && memcmp(key.data, name.data, name.size) == 0) property = value;
        }
        pjson_value type = pjson_member(property, "type"), choice = {NULL, 0, PJSON_NONE};
        pjson_iterator choices = pjson_iterate(pjson_member(property, "enum"));
        char quoted[64];
        const char *text = quoted;
        snprintf(quoted, sizeof quoted, "\"%s\"", city);
        if (pjson_equals(type, "integer") || pjson_equals(type, "number")) text = "1";
        if (pjson_equals(type, "boolean")) text = "true";
        if (pjson_equals(type, "array")) text = "[]";
        if (pjson_equals(type, "object")) text = "{}";
        if (pjson_equals(type, "null")) text = "null";
        pbay_text argument = text_of(text);
        if (pjson_next(&choices, NULL, &choice)) argument = (pbay_text){choice.data, choice.size};
        if (out->size + name.size + argument.size + 3 > room) break;
        if (out->size > 1) add(out, ",", 1);
        add(out, name.data, name.size);
        add(out, ":", 1);
        add(out, argument.data, (size_t)argument.size);
    }
    add(out, "}", 1);
    return 1;
}

/* Fills in the beginning of call `index`. Its id is the same for the same conversation, and differs from turn to turn. */
static verdict say_call(call *call, pbay_event *event, uint32_t index, pjson_value tool) {
    pjson_value name = pjson_member(tool, "name");
    size_t size = pjson_decode(name, call->scratch, 128);
    int id_size = snprintf(call->scratch + 128, sizeof call->scratch - 128, "call_scripted_%zu_%u", pjson_count(call->input), index);
    event->index = index;
    event->name = (pbay_text){call->scratch, size < 128 ? size : 128};
    event->id = (pbay_text){call->scratch + 128, (uint64_t)id_size};
    event->kind = PBAY_EVENT_TOOL_CALL;
    return SAY;
}

/* Half number `half` of a call's arguments. The cut is at an ASCII sign, so that no character is split. */
static verdict say_half(pbay_event *event, uint32_t index, owned_text arguments, int half) {
    size_t middle = arguments.size / 2;
    while (middle > 0 && ((unsigned char)arguments.data[middle] & 0xC0) == 0x80) middle--;
    event->index = index;
    if (half == 0) return say(event, PBAY_EVENT_ARGUMENTS, arguments.data, middle);
    return say(event, PBAY_EVENT_ARGUMENTS, arguments.data + middle, arguments.size - middle);
}

verdict next_tool(call *call, pbay_event *event) {
    switch (call->step) {
    case 0: return say_call(call, event, 0, find_tool(call, 0));
    case 1: return say_half(event, 0, call->text, 0);
    case 2: return say_half(event, 0, call->text, 1);
    case 3: event->kind = PBAY_EVENT_TOOL_CALL_END; return SAY;
    default: return FINISH;
    }
}

/* Two calls whose arguments come by turns. */
verdict next_tools(call *call, pbay_event *event) {
    switch (call->step) {
    case 0: return say_call(call, event, 0, find_tool(call, 0));
    case 1: return say_half(event, 0, call->text, 0);
    case 2: return say_call(call, event, 1, find_tool(call, 1));
    case 3: return say_half(event, 1, call->second, 0);
    case 4: return say_half(event, 0, call->text, 1);
    case 5: return say_half(event, 1, call->second, 1);
    case 6: event->kind = PBAY_EVENT_TOOL_CALL_END; return SAY;
    case 7: event->kind = PBAY_EVENT_TOOL_CALL_END; event->index = 1; return SAY;
    default: return FINISH;
    }
}

static int has_output(const call *call) {
    return pjson_equals(pjson_member(call->last_item, "type"), "function_call_output");
}

static int say_output(call *call) {
    call->next = next_words;
    call->text = request_text(pjson_member(call->last_item, "output"));
    return call->text.data != NULL;
}

static int prepare_call(call *call) {
    pjson_value tool = find_tool(call, 0);
    if (tool.kind == PJSON_NONE || pjson_equals(pjson_member(call->body, "tool_choice"), "none")) {
        call->next = next_words;
        return set_text(call, "There is no tool to call.", 25);
    }
    pjson_value given;
    if (pjson_parse(call->said.data, call->said.size, &given, NULL) && given.kind == PJSON_OBJECT) {
        if (!set_text(call, given.data, given.size)) return 0;
    } else if (!make_arguments(&call->text, tool, "Paris")) {
        return 0;
    }
    return make_arguments(&call->second, find_tool(call, 1), "London");
}

/* After a tool's output the model answers with it; before, it calls the tool. */
int prepare_tools(call *call) { return has_output(call) ? say_output(call) : prepare_call(call); }

/* The model calls the tool again and again, for as long as it may. */
int prepare_again(call *call) {
    int may_call = !pjson_equals(pjson_member(call->body, "tool_choice"), "none");
    return has_output(call) && !may_call ? say_output(call) : prepare_call(call);
}
