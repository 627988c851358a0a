/// What a connection leads to: two calls with the same destination may use the same connection.
struct Destination: Hashable {
    enum Route: Hashable {
        case direct
        /// Requests name the whole URL to the proxy (`http`).
        case forward(UpstreamProxy)
        /// A tunnel made by `CONNECT` (`https`).
        case tunnel(UpstreamProxy)
    }

    let isTLS: Bool
    /// Where the requests are for; with `.forward` that is the proxy, which all its destinations share.
    let host: UpstreamHost
    let port: Int
    let route: Route

    init(_ url: UpstreamURL, proxy: UpstreamProxy?) {
        isTLS = url.isTLS
        switch proxy {
        case nil:
            (host, port, route) = (url.host, url.port, .direct)
        case .some(let proxy) where url.isTLS:
            (host, port, route) = (url.host, url.port, .tunnel(proxy))
        case .some(let proxy):
            (host, port, route) = (proxy.host, proxy.port, .forward(proxy))
        }
    }

    /// Who answers the TCP connection.
    var endpoint: (host: UpstreamHost, port: Int) {
        switch route {
        case .direct, .forward: (host, port)
        case .tunnel(let proxy): (proxy.host, proxy.port)
        }
    }

    var connectAuthority: String { "\(host.bracketed):\(port)" }
}
