import NIOCore
import PatchbayJSON
import PatchbayLifecycle

/// `GET /plugins`: the hooks and tools, and how they have done. Numbers of all owners together, and nothing of a request.
extension RequestJob {
    func answerPlugins() {
        var json = JSONWriter()
        json.object { json in
            json.member("hooks") { json in
                json.array { json in
                    for hook in server.gateway.hooks { json.hook(hook) }
                }
            }
            json.member("tools") { json in
                json.array { json in
                    for tool in server.gateway.tools { json.tool(tool) }
                }
            }
        }
        answer(Answer(.ok, body: json.bytes))
    }
}

extension JSONWriter {
    fileprivate mutating func hook(_ entry: HookEntry) {
        let interest = entry.hook.interest
        object { json in
            json.member("name", entry.hook.name)
            json.member("points") { $0.strings(interest.pointNames) }
            json.member("events") { $0.strings(interest.eventNames) }
            json.member("on_error", entry.onError.rawValue)
            json.member("budget_ms", Int(entry.budget.nanoseconds / 1_000_000))
            json.member("visits", entry.counts.visits)
            json.member("rejections", entry.counts.rejections)
            json.member("timeouts", entry.counts.timeouts)
            json.member("failures", entry.counts.failures)
        }
    }

    fileprivate mutating func tool(_ tool: ServerTool) {
        object { json in
            json.member("name", tool.name)
            json.member("description", tool.description)
            json.member("parameters", raw: tool.parameters[...])
            json.member("approval", tool.approval.rawValue)
            json.member("timeout_ms", tool.timeout)
            json.member("max_output", tool.maxOutput)
            json.member("on_error", tool.onError.rawValue)
            json.member("calls", tool.counts.calls)
            json.member("refusals", tool.counts.refusals)
            json.member("timeouts", tool.counts.timeouts)
            json.member("failures", tool.counts.failures)
        }
    }

    private mutating func strings(_ texts: [String]) {
        array { json in
            for text in texts { json.string(text) }
        }
    }
}
