import NIOCore
import Testing

@testable import PatchbayServer

@Suite("When something of a WebSocket is due")
struct SocketClockTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    private var clock: SocketClock

    init() {
        var configuration = ServerConfiguration(requestTimeout: .seconds(60))
        configuration.webSocket.pingInterval = .seconds(30)
        clock = SocketClock(configuration, opened: start)
    }

    private func due(after time: TimeAmount, isExpired: Bool = false, holdsReads: Bool = false) -> SocketClock.Due? {
        clock.due(at: start + time, isExpired: isExpired, holdsReads: holdsReads)
    }

    private func next(isExpired: Bool = false, holdsReads: Bool = false) -> TimeAmount {
        clock.next(isExpired: isExpired, holdsReads: holdsReads) - start
    }

    @Test("a client that answers each ping lives on; one that doesn't is dead after as long again")
    mutating func ping() {
        #expect(next() == .seconds(30) && due(after: .seconds(29)) == nil && due(after: .seconds(30)) == .ping)
        clock.hasPinged(at: start + .seconds(30))
        #expect(next() == .seconds(60) && due(after: .seconds(59)) == nil)
        clock.heard(at: start + .seconds(31), hasFrame: true, isWithinMessage: false)
        #expect(next() == .seconds(61) && due(after: .seconds(60)) == nil && due(after: .seconds(61)) == .ping)
        clock.hasPinged(at: start + .seconds(61))
        #expect(due(after: .seconds(90)) == nil && due(after: .seconds(91)) == .death)
    }

    @Test("a client that can't be heard is neither asked nor taken for dead")
    mutating func held() {
        #expect(due(after: .minutes(5), holdsReads: true) == nil && next(holdsReads: true) == .minutes(60))
    }

    @Test("a message that is under way keeps its time, whatever else comes, until it is whole")
    mutating func message() {
        clock.heard(at: start + .seconds(1), hasFrame: false, isWithinMessage: false)
        for second in 2...60 {
            clock.heard(at: start + .seconds(Int64(second)), hasFrame: true, isWithinMessage: true)
        }
        #expect(due(after: .seconds(60)) == nil && due(after: .seconds(61)) == .message)
        clock.heard(at: start + .seconds(60), hasFrame: true, isWithinMessage: false)
        #expect(due(after: .seconds(61)) == nil)
    }

    @Test("a socket is too old once; closing has its own time, and then nothing else is due")
    mutating func end() {
        #expect(due(after: .minutes(60)) == .expiry)
        #expect(due(after: .minutes(60), isExpired: true, holdsReads: true) == nil)
        clock.writeBy = start + .seconds(5)
        #expect(next() == .seconds(5) && due(after: .seconds(5)) == .writing)
        clock.closeBy = start + .seconds(7)
        #expect(next() == .seconds(7) && due(after: .seconds(6)) == nil && due(after: .seconds(7)) == .close)
    }
}
