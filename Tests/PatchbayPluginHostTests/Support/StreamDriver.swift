import PatchbayLifecycle
import PatchbayModel

@testable import PatchbayPluginHost

/// Drives a `StreamState` at random, keeps a simple account of what must hold, and notes what doesn't.
struct StreamDriver {
    private var state = StreamState(
        limits: StreamLimits(softCapBytes: 400, hardCapBytes: 1200, maxEventBytes: 300, maxToolCalls: 4))
    private(set) var steps = 0
    private(set) var violations: [String] = []

    private var hasBegun = false
    /// The strand was woken, and hasn't yet found nothing to do.
    private var isAwake = false
    private var pushed = 0
    private var received = 0
    private var ends = 0
    private var hostEnded = false
    private var pluginEnded = false
    private var cancels = 0
    private var releases = 0
    private var pausesTold = 0
    private var isPausedAtPlugin = false
    private var receiverPaused = false
    private var exchanges = 0
    private var servicesClosed = 0

    mutating func step(_ random: inout Seeded) {
        steps += 1
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<8: begin()
        case 8..<50: push(onStrand: Bool.random(using: &random) && hasBegun, &random)
        case 50..<53: push(bytes: 301, onStrand: hasBegun, &random)
        case 53..<55: woken(take(state.refuse(.malformed("x"))))
        case 55..<60: resume()
        case 60..<62: settle()
        case 62..<64: finish()
        case 64..<69: startExchange()
        case 69..<73: endExchange()
        case 73..<74: if hasBegun { usage() }
        default: turn(Int.random(in: 1...6, using: &random), &random)
        }
    }

    /// Brings the life to its end: everything that is owed to the machine is given, and then all of its promises are
    /// due.
    mutating func conclude() {
        var random = Seeded(state: 1)
        begin()
        finish()
        while exchanges > 0 { endExchange() }
        for _ in 0..<10_000 where isAwake || receiverPaused {
            resume()
            turn(64, &random)
        }
        if ends != 1 { violations.append("\(ends) ends") }
        if releases != 1 { violations.append("\(releases) releases") }
        if servicesClosed != 1 { violations.append("services closed \(servicesClosed) times") }
        if cancels > 1 { violations.append("\(cancels) cancels") }
        if !hostEnded, received != pushed { violations.append("\(received) of \(pushed) events") }
        if case .closed = state.push(.partEnd, bytes: 0, onStrand: true) {
        } else {
            violations.append("open after the end")
        }
        if state.finish(.stop, usage: nil) != nil { violations.append("a second finish") }
    }

    private mutating func begin() {
        guard !hasBegun else { return }
        hasBegun = true
        woken(state.begun())
    }

    private mutating func push(bytes: Int? = nil, onStrand: Bool, _ random: inout Seeded) {
        let size = bytes ?? Int.random(in: 0...200, using: &random)
        let push = state.push(.text("\(pushed)"), bytes: size, onStrand: onStrand)
        switch push {
        case .deliver:
            if !onStrand { violations.append("delivered off the strand") }
            pushed += 1
            receive(.text("\(pushed - 1)"))
            if Int.random(in: 0..<6, using: &random) == 0 {
                receiverPaused = true
                if state.receiverPaused(inline: true) { pausePlugin() }
            }
        case .queued(let pause, let wake):
            pushed += 1
            if pause { pausePlugin() }
            woken(wake)
        case .refused, .closed:
            woken(take(push))
        }
    }

    /// An event that wasn't taken. The wake-up that follows from it.
    private mutating func take(_ push: StreamState.Push) -> Bool {
        switch push {
        case .refused(_, let wake):
            if hostEnded || pluginEnded { violations.append("refused when closed") }
            hostEnded = true
            return wake
        case .closed:
            if !hostEnded, !pluginEnded { violations.append("closed when open") }
            return false
        case .deliver, .queued:
            violations.append("taken")
            return false
        }
    }

    private mutating func receive(_ event: ProviderEvent) {
        if event != .text("\(received)") { violations.append("out of order: \(event) for \(received)") }
        if ends > 0 { violations.append("an event after the end") }
        if !hasBegun { violations.append("an event before begin returned") }
        if receiverPaused { violations.append("an event while paused") }
        if hostEnded { violations.append("an event after the host's end") }
        received += 1
    }

    private mutating func pausePlugin() {
        isPausedAtPlugin = true
        pausesTold += 1
    }

    private mutating func resume() {
        guard receiverPaused else { return }
        receiverPaused = false
        woken(state.receiverResumed())
    }

    private mutating func settle() {
        guard hasBegun else { return }
        let before = ends
        woken(state.settle(.failed(GatewayError(.cancelled, "x")), cancel: .clientGone))
        if before == 0 { hostEnded = true }
    }

    private mutating func finish() {
        guard let wake = state.finish(.stop, usage: nil) else {
            if !pluginEnded { violations.append("finish refused") }
            return
        }
        if pluginEnded { violations.append("a second finish") }
        pluginEnded = true
        woken(wake)
    }

    private mutating func usage() {
        if state.take(Usage()) == (hostEnded || pluginEnded) { violations.append("usage taken wrongly") }
    }

    private mutating func startExchange() {
        guard state.exchangeStarted() else { return }
        if hostEnded || pluginEnded { violations.append("an exchange of a closed stream") }
        exchanges += 1
    }

    private mutating func endExchange() {
        guard exchanges > 0 else { return }
        if releases > 0 { violations.append("an exchange outlived the release") }
        exchanges -= 1
        woken(state.exchangeEnded())
    }

    private mutating func woken(_ wake: Bool) {
        guard wake else { return }
        if isAwake { violations.append("woken twice") }
        if !hasBegun { violations.append("woken before begin returned") }
        isAwake = true
    }

    private mutating func turn(_ count: Int, _ random: inout Seeded) {
        for _ in 0..<count where isAwake {
            steps += 1
            guard let step = state.next() else {
                isAwake = false
                return
            }
            switch step {
            case .deliver(let event):
                receive(event)
                if Int.random(in: 0..<8, using: &random) == 0 {
                    receiverPaused = true
                    _ = state.receiverPaused(inline: false)
                }
            case .end:
                ends += 1
                receiverPaused = false
                if !hostEnded, !pluginEnded { violations.append("an end from nowhere") }
            case .cancelPlugin:
                cancels += 1
                if pluginEnded { violations.append("cancel after the plugin's end") }
            case .closeServices: servicesClosed += 1
            case .pauseServices: break
            case .resume(let plugin):
                if plugin != isPausedAtPlugin { violations.append("resume \(plugin) for \(isPausedAtPlugin)") }
                if hostEnded || pluginEnded { violations.append("resume when closed") }
                isPausedAtPlugin = false
            case .release:
                releases += 1
                if !pluginEnded { violations.append("release before the plugin's end") }
                if exchanges > 0 { violations.append("release before the exchanges' ends") }
            }
        }
    }
}
