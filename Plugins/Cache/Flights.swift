/// Which requests are under way, and who waits for them. A waiter is taken out by exactly one caller, who owes its visit
/// the verdict.
///
/// A flight lives from its first leader until somebody settles it, or until a leader has given up and nobody waits. Each
/// request is closed some time, and its leader gives up then at the latest: so no flight is left behind.
struct Flights {
    private struct Flight {
        /// The ticket's number.
        var leader: UInt64
        /// Numbers of tickets, in the order in which they came; from `next` on, those that may still wait.
        var line: [UInt64] = []
        var next = 0

        /// Forgets those at the front that don't wait any more, so that a long flight doesn't gather them.
        mutating func trim(_ waiters: [UInt64: Waiter]) {
            while next < line.count, waiters[line[next]] == nil { next += 1 }
            guard next > line.count / 2 else { return }
            line.removeFirst(next)
            next = 0
        }
    }

    private var flights: [Fingerprint: Flight] = [:]
    private var waiters: [UInt64: Waiter] = [:]
    /// All waiters, in the order of their deadlines, also those that don't wait any more; from `firstDeadline` on.
    private var deadlines: [(time: UInt64, number: UInt64)] = []
    private var firstDeadline = 0

    var waiting: Int { waiters.count }
    var underWay: Int { flights.count }

    /// Makes the ticket the leader of its key; false where there is one.
    mutating func lead(_ ticket: Ticket) -> Bool {
        guard flights[ticket.key] == nil else { return false }
        flights[ticket.key] = Flight(leader: ticket.number)
        return true
    }

    /// Waits in the line for its key, which has a leader. Whether its deadline is the next of all.
    mutating func wait(_ waiter: Waiter) -> Bool {
        flights[waiter.ticket.key]?.trim(waiters)
        flights[waiter.ticket.key]?.line.append(waiter.ticket.number)
        waiters[waiter.ticket.number] = waiter
        deadlines.append((waiter.deadline, waiter.ticket.number))
        return deadlines.count - firstDeadline == 1
    }

    /// Ends the flight of this key: all that wait for it.
    mutating func settle(_ key: Fingerprint) -> [Waiter] {
        guard let flight = flights.removeValue(forKey: key) else { return [] }
        return flight.line[flight.next...].compactMap { waiters.removeValue(forKey: $0) }
    }

    /// The ticket's owner won't make an answer that is kept. Where it led, the next in line leads from now on, and goes on.
    mutating func giveUp(_ ticket: Ticket) -> Waiter? {
        guard var flight = flights[ticket.key], flight.leader == ticket.number else { return nil }
        while flight.next < flight.line.count {
            flight.next += 1
            if let waiter = waiters.removeValue(forKey: flight.line[flight.next - 1]) {
                flight.leader = waiter.ticket.number
                flights[ticket.key] = flight
                return waiter
            }
        }
        flights[ticket.key] = nil
        return nil
    }

    /// Takes one out, where it still waits.
    mutating func leave(_ number: UInt64) -> Waiter? {
        waiters.removeValue(forKey: number)
    }

    /// Takes those out whose deadline has come; after it the next deadline is that of somebody who waits.
    mutating func overdue(_ now: UInt64) -> [Waiter] {
        var found: [Waiter] = []
        while firstDeadline < deadlines.count {
            let (time, number) = deadlines[firstDeadline]
            if waiters[number] != nil {
                guard time <= now else { break }
                if let waiter = waiters.removeValue(forKey: number) { found.append(waiter) }
            }
            firstDeadline += 1
        }
        if firstDeadline > deadlines.count / 2 {
            deadlines.removeFirst(firstDeadline)
            firstDeadline = 0
        }
        return found
    }

    /// When somebody should look for those who are overdue, at the latest.
    var nextDeadline: UInt64? {
        firstDeadline < deadlines.count ? deadlines[firstDeadline].time : nil
    }

    /// Takes all out; no flight is left.
    mutating func end() -> [Waiter] {
        let all = Array(waiters.values)
        self = Flights()
        return all
    }
}
