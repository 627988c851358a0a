/* All that a plugin includes, compiled as C99, C11 and C++17 by header.sh. */
#include "patchbay.h"
#include "patchbay.h" /* twice does no harm */

/* The entry's type fits the signature that the header's comment gives. */
PBAY_EXPORT int32_t patchbay_plugin_entry_v1(const pbay_host *host, const pbay_module **out, pbay_error *err);

PBAY_EXPORT int32_t patchbay_plugin_entry_v1(const pbay_host *host, const pbay_module **out, pbay_error *err) {
    static const char *const interfaces[] = {PBAY_PROVIDER, PBAY_TOKEN_COUNT, PBAY_EMBEDDINGS, PBAY_STORAGE, 0};
    static pbay_provider provider;
    static pbay_token_count count;
    static pbay_embeddings embeddings;
    static pbay_module module;
    pbay_entry_v1 self = patchbay_plugin_entry_v1;
    count.size = sizeof count;
    count.begin = provider.begin; /* a count begins as an answer does */
    embeddings.size = sizeof embeddings;
    embeddings.begin = provider.begin;
    module.size = sizeof module;
    module.interfaces = interfaces;
    *out = &module;
    err->code = PBAY_EUNSUPPORTED;
    return self != 0 && host->get_extension(PBAY_HOST_STREAM) != 0 ? PBAY_OK : err->code;
}
