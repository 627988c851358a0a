extension BackgroundConfiguration {
    static let schema = Schema(
        make: { BackgroundConfiguration() },
        fields: [
            Field("max_running", \.maxRunning, .integer(in: 1...10_000)),
            Field("max_queued", \.maxQueued, .integer(in: 0...1_000_000)),
            Field("on_restart", \.onRestart, .choice([("fail", .fail), ("restart", .restart)])),
        ])
}
