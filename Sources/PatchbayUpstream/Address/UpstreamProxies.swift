/// Which calls go through which proxy, as the environment says.
///
/// `http_proxy` serves `http` URLs, `https_proxy` (or `HTTPS_PROXY`) serves `https` ones through a tunnel, `all_proxy`
/// (or `ALL_PROXY`) both where theirs is absent, `no_proxy` (or `NO_PROXY`) names exceptions. The lower case wins.
/// `HTTP_PROXY` is left alone, as curl does: a request's `Proxy:` header can set it where a server runs in a CGI-like
/// environment ("httpoxy").
package struct UpstreamProxies: Sendable {
    private var http: UpstreamProxy?
    private var https: UpstreamProxy?
    private var exceptions = NoProxyRules()

    /// No proxy at all.
    package init() {}

    /// - Parameter environment: the process's, read once by the caller.
    /// - Throws: for a variable whose value can't be used; nothing is ignored silently but in `no_proxy`.
    package init(environment: [String: String]) throws(UpstreamProxyError) {
        http = try Self.proxy(["http_proxy", "all_proxy", "ALL_PROXY"], environment)
        https = try Self.proxy(["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"], environment)
        exceptions = NoProxyRules(environment["no_proxy"] ?? environment["NO_PROXY"] ?? "")
    }

    func proxy(for url: UpstreamURL) -> UpstreamProxy? {
        guard let proxy = url.isTLS ? https : http else { return nil }
        return exceptions.matches(url.host, port: url.port) ? nil : proxy
    }

    private static func proxy(
        _ variables: [String], _ environment: [String: String]
    ) throws(UpstreamProxyError) -> UpstreamProxy? {
        for variable in variables {
            guard let value = environment[variable], !value.isEmpty else { continue }
            return try UpstreamProxy(value, variable: variable)
        }
        return nil
    }
}
