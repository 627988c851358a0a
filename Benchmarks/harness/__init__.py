"""What the benchmarks and the soak are made of: tools, servers, measuring, tables."""
