extern "C" int csimdjson_x(void);extern "C" int csimdjson_x(void){return 1;}
