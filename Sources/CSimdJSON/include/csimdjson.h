int csimdjson_x(void);
