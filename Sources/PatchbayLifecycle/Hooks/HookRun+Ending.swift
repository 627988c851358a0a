import PatchbayJSON
import PatchbayModel

/// The points of a request's end. These visits have their budgets and nothing else to end them: the request may have
/// been given up already.
extension HookRun {
    /// The answer is complete and not stored. Returns what the hooks leave of it: perhaps one that has failed.
    @inline(never)
    func complete(_ response: Response, of turn: Turn, run: ProviderRun) async -> Response {
        guard response.status == .completed || response.status == .incomplete else { return response }
        var response = response
        var isReplaced = false
        var shown = document(of: response)
        do throws(GatewayError) {
            for seat in passed where seat.sees(.complete) {
                let visit = HookVisit(.complete, wasSent: run.hasBegun, round: round, document: shown)
                switch try judge(await outcome(of: seat, visit), of: seat, at: .complete) {
                case .proceed: continue
                case .replace(let json):
                    do throws(HookFault) {
                        guard !run.hasBegun else { throw HookFault("it replaced an answer that was sent") }
                        response.output = try output(json, in: response)
                        isReplaced = true
                        shown = document(of: response)
                    } catch {
                        try failed(seat, at: .complete, error.reason)
                        continue
                    }
                    if let error = turn.problem(in: response) { throw error }
                default: try failed(seat, at: .complete, Self.misplaced)
                }
            }
            if isReplaced { run.replaceOutput(response.output) }
        } catch {
            response.fail(error)
        }
        return response
    }

    /// A request whose response has got to its end: the last that the hooks hear of it.
    @inline(never)
    func ended(_ response: Response) async {
        switch response.status {
        case .completed, .incomplete:
            guard !isOver else { return }
            await tell(.persisted, document(of: response))
            close()
        case .failed, .cancelled, .queued, .inProgress:
            await failed(
                response.error ?? GatewayError(.cancelled, "The request was ended before its answer."), response)
        }
    }

    /// A request that has failed: the last that the hooks hear of it. `response`: as far as it got.
    @inline(never)
    func failed(_ error: GatewayError, _ response: Response? = nil) async {
        guard !isOver else { return }
        let write = response.flatMap(document)
        let document = HookDocument {
            var json = JSONWriter()
            json.object { json in
                json.member("error") { error.write(to: &$0) }
                json.member("response", raw: write.map { $0()[...] })
            }
            return json.bytes
        }
        await tell(.failure, document.bytes)
        close()
    }

    private func tell(_ point: HookPoint, _ document: (@Sendable () -> [UInt8])?) async {
        for seat in passed where seat.sees(point) {
            let visit = HookVisit(point, wasSent: wasSent, round: round, document: document)
            switch await outcome(of: seat, visit) {
            case .verdict(.proceed), .cancelled: continue
            case .verdict(.failed(let fault)): report(seat, at: point, fault.reason)
            case .verdict: report(seat, at: point, Self.misplaced)
            case .late: report(seat, at: point, "it took longer than its budget", isLate: true)
            }
        }
    }

    private func outcome(of seat: HookSeat, _ visit: HookVisit) async -> HookOutcome {
        if let outcome = seat.visit(visit, of: hooked, waiter: self) { return outcome }
        return await deferred(by: seat, isCancellable: false)
    }

    private func document(of response: Response) -> (@Sendable () -> [UInt8])? {
        guard let write = gateway.writeResponse else { return nil }
        return HookDocument { write(response) }.bytes
    }

    /// The items of `{"output": [items]}`. Those that were in the response have their ids, others get one.
    private func output(_ json: [UInt8], in response: Response) throws(HookFault) -> [Item] {
        guard let read = gateway.readRequest else { throw HookFault("this server reads no replacements") }
        guard let output = (try? JSONDocument.parse(json))?.root["output"], output.kind == .array else {
            throw HookFault("its replacement has no 'output' that is an array")
        }
        var body = JSONWriter(capacity: json.count + 64)
        body.object { body in
            body.member("model", response.model)
            // An answer may be empty; a request may not.
            body.member("instructions", "")
            body.member("input", output)
        }
        var items: [Item]
        do throws(GatewayError) {
            items = try read(body.bytes).input
        } catch {
            throw HookFault("its replacement is no output: \(error.place)")
        }
        var ids = Set(response.output.compactMap(\.id))
        for index in items.indices {
            guard items[index].type != "item_reference" else { throw HookFault("its replacement has a reference") }
            if items[index].id.flatMap({ ids.remove($0) }) == nil {
                items[index].id = Identifier.item(for: items[index].kind)
            }
        }
        return items
    }
}
