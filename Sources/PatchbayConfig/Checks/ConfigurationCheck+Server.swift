/// Who may connect: the command line's host and port, and the keys that a reachable host needs.
extension ConfigurationCheck {
    func settleServer(_ configuration: inout Configuration, _ sink: inout DiagnosticSink) {
        configuration.server.isInsecure = options.isInsecure
        if let port = options.port {
            if !(0...65535).contains(port) {
                sink.error(marks.mark, "--port must be an integer from 0 to 65535, found \(port)")
            }
            configuration.server.port = port
        }
        if let host = options.host { configuration.server.host = host }
        guard !marks.has("keys"), !configuration.server.isLoopback else { return }
        let tree = marks.subtree(at: "server.host")
        let host = configuration.server.host
        let words = options.host == nil ? "server.host \(shown(host, tree))" : "--host \(Quoting.quote(host))"
        let reach = "\(words) can be reached from other machines and no keys are configured"
        if options.isInsecure {
            sink.warning(tree.mark, "\(reach): anyone there can use every model (--insecure)")
        } else {
            sink.error(tree.mark, "\(reach); add keys, or start with --insecure")
        }
    }

    /// No two owners share a key. (A key and the hash of the same key are not recognised here: that needs SHA-256.)
    func checkSecrets(_ configuration: Configuration, _ sink: inout DiagnosticSink) {
        var lines: [KeySecret: Int] = [:]
        for key in configuration.keys where key.hasSecret {
            let member = key.marks.has("key") ? "key" : "key_sha256"
            let mark = key.marks.mark(at: member)
            if let line = lines[key.secret] {
                sink.error(
                    mark, "\(key.path).\(member) is the same as at line \(line); two owners can't share a key")
            } else {
                lines[key.secret] = mark.line
            }
        }
    }
}
