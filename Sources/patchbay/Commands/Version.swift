/// The version of the host, as `--version` and plugins see it.
enum Version {
    static let current = "0.1.0"
}
