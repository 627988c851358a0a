import ArgumentParser

/// The program: its subcommands.
@main
struct Patchbay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "patchbay",
        abstract: "An LLM gateway that serves every model through plugins.",
        discussion: """
            Patchbay speaks OpenAI's Responses API and asks shared objects with a C ABI: providers answer, a store remembers. One YAML file says \
            which plugin serves which model.

            Try it:
              patchbay check --config config.yaml      is the file right?
              patchbay serve --config config.yaml      start the server
              curl http://127.0.0.1:8080/v1/models     what it serves
            """,
        version: Version.current,
        subcommands: [Serve.self, Check.self, Plugins.self])
}
