/// Where `${NAME}` is looked up.
package struct ConfigurationEnvironment: Sendable {
    package let value: @Sendable (_ name: String) -> String?

    package init(_ value: @escaping @Sendable (_ name: String) -> String?) {
        self.value = value
    }

    package init(_ values: [String: String]) {
        self.init { values[$0] }
    }

    /// This process's environment.
    package static var process: ConfigurationEnvironment {
        ConfigurationEnvironment { SystemAccess.environmentVariable($0) }
    }
}
