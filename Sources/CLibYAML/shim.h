/* The system's libyaml; PatchbayConfig's YAMLEventReader is its one user. */
#include <yaml.h>
