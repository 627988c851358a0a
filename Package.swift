// swift-tools-version: 6.2
// Read from top to bottom: settings with their reasons, the packages that the host links, its targets in the direction
// in which data flows (wire format -> model -> lifecycle -> plugin), the plugins, the tests.
import PackageDescription

/// Every host target is held to these.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    // Whatever is unsafe carries the word `unsafe`; .ci/check-imports allows that word in the rooms named there only.
    .strictMemorySafety(),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
]

/// A plugin exports its entry point and nothing else, whatever language it is written in.
let pluginLinking: [LinkerSetting] = [
    .unsafeFlags(["-Xlinker", "--version-script=\(Context.packageDirectory)/Plugins/exports.map"])
]

/// C shims and C plugins: optimised in every configuration (a debug simdjson is twenty times slower), symbols hidden.
let cFlags: [CSetting] = [.unsafeFlags(["-O2", "-fvisibility=hidden", "-Wall", "-Wextra"])]
let cxxFlags: [CXXSetting] = [.unsafeFlags(["-O2", "-fvisibility=hidden", "-Wall", "-Wextra"])]

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
]
let log: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
    name: "patchbay",
    products: [
        .executable(name: "patchbay", targets: ["patchbay"]),
        .library(name: "patchbay_openai", type: .dynamic, targets: ["PatchbayOpenAIPlugin"]),
        .library(name: "patchbay_anthropic", type: .dynamic, targets: ["PatchbayAnthropicPlugin"]),
        .library(name: "patchbay_gemini", type: .dynamic, targets: ["PatchbayGeminiPlugin"]),
        .library(name: "patchbay_memory", type: .dynamic, targets: ["PatchbayMemoryPlugin"]),
        .library(name: "patchbay_sqlite", type: .dynamic, targets: ["PatchbaySQLitePlugin"]),
        .library(name: "patchbay_cache", type: .dynamic, targets: ["PatchbayCachePlugin"]),
        .library(name: "patchbay_scripted", type: .dynamic, targets: ["PatchbayScriptedPlugin"]),
        .library(name: "patchbay_audit", type: .dynamic, targets: ["PatchbayAuditPlugin"]),
        .library(name: "patchbay_guard", type: .dynamic, targets: ["PatchbayGuardPlugin"]),
        .library(name: "patchbay_redact", type: .dynamic, targets: ["PatchbayRedactPlugin"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C: the plugin ABI, and thin shims over the system's libraries.
        .target(name: "CPatchbay", cSettings: cFlags),
        .target(name: "CSimdJSON", cxxSettings: cxxFlags, linkerSettings: [.linkedLibrary("simdjson")]),
        .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CLibFFI", pkgConfig: "libffi", providers: [.apt(["libffi-dev"])]),

        // The host.
        .target(name: "PatchbayJSON", dependencies: ["CSimdJSON"]),
        .target(name: "PatchbaySchema", dependencies: ["PatchbayJSON"]),
        .target(name: "PatchbayModel", dependencies: ["PatchbayJSON"]),
        .target(
            name: "PatchbayLifecycle",
            dependencies: [
                "PatchbayModel", "PatchbaySchema", "PatchbayJSON", log,
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .target(name: "PatchbayFormats", dependencies: ["PatchbayModel", "PatchbaySchema", "PatchbayJSON"]),
        .target(
            name: "PatchbayUpstream",
            dependencies: nio + [log, .product(name: "NIOTLS", package: "swift-nio")]),
        .target(
            name: "PatchbayPluginHost",
            dependencies: [
                "CPatchbay", "CLibFFI", "PatchbayJSON", "PatchbaySchema", "PatchbayModel", "PatchbayLifecycle",
                "PatchbayUpstream", log,
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"), .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .target(name: "PatchbayConfig", dependencies: ["CLibYAML", "PatchbayJSON"]),
        .target(
            name: "PatchbayServer",
            dependencies: nio + [
                "PatchbayFormats", "PatchbayLifecycle", "PatchbayModel", "PatchbayJSON", log,
                .product(name: "NIOWebSocket", package: "swift-nio"), .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .executableTarget(
            name: "patchbay",
            dependencies: [
                "PatchbayConfig", "PatchbayServer", "PatchbayFormats", "PatchbayLifecycle", "PatchbayModel",
                "PatchbayPluginHost", "PatchbayUpstream", "PatchbayJSON", log,
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),

        // Plugins: each its own image, sharing the C header alone. (Plugins/ is SwiftPM's folder for build tools,
        // hence `path:`.) Llama is built by the Makefile against the llama.cpp that it built.
        .target(
            name: "PatchbayOpenAIPlugin", dependencies: ["CPatchbay", "CSimdJSON"], path: "Plugins/OpenAI",
            exclude: ["README.md", "Shared/README.md"], linkerSettings: pluginLinking),
        .target(
            name: "PatchbayGeminiPlugin", dependencies: ["CPatchbay", "CSimdJSON"], path: "Plugins/Gemini",
            exclude: ["README.md", "Shared/README.md"], linkerSettings: pluginLinking),
        .target(
            name: "PatchbayAnthropicPlugin", dependencies: ["CPatchbay", "CSimdJSON"], path: "Plugins/Anthropic",
            exclude: ["README.md", "Shared/README.md"], linkerSettings: pluginLinking),
        .target(
            name: "PatchbayPluginCommon", dependencies: ["CPatchbay"], path: "Plugins/Common", cSettings: cFlags),
        .target(
            name: "PatchbayMemoryPlugin", dependencies: ["CPatchbay", "PatchbayPluginCommon"], path: "Plugins/Memory",
            exclude: ["README.md"], linkerSettings: pluginLinking),
        .target(
            name: "PatchbayCachePlugin", dependencies: ["CPatchbay", "CSimdJSON", "PatchbayPluginCommon"],
            path: "Plugins/Cache", exclude: ["README.md"], linkerSettings: pluginLinking),
        .target(
            name: "PatchbaySQLitePlugin", dependencies: ["CPatchbay", "PatchbayPluginCommon"],
            path: "Plugins/SQLite", exclude: ["README.md"], cSettings: cFlags,
            linkerSettings: pluginLinking + [.linkedLibrary("sqlite3")]),
        .target(
            name: "PatchbayScriptedPlugin", dependencies: ["CPatchbay", "PatchbayPluginCommon"],
            path: "Plugins/Scripted", exclude: ["README.md", "config.yaml"], cSettings: cFlags,
            linkerSettings: pluginLinking),
        .target(
            name: "PatchbayAuditPlugin", dependencies: ["CPatchbay", "PatchbayPluginCommon"], path: "Plugins/Audit",
            exclude: ["README.md"], cSettings: cFlags, linkerSettings: pluginLinking),
        .target(
            name: "PatchbayGuardPlugin", dependencies: ["CPatchbay", "PatchbayPluginCommon"], path: "Plugins/Guard",
            exclude: ["README.md"], cxxSettings: cxxFlags, linkerSettings: pluginLinking + [.linkedLibrary("re2")]),
        .target(
            name: "PatchbayRedactPlugin", dependencies: ["CPatchbay", "PatchbayPluginCommon"],
            path: "Plugins/Redact", exclude: ["README.md"], cxxSettings: cxxFlags,
            linkerSettings: pluginLinking + [.linkedLibrary("re2")]),

        // Tests, one target a room; PatchbayTests runs the assembled product over real sockets and real .so files.
        .testTarget(name: "PatchbayJSONTests", dependencies: ["PatchbayJSON"]),
        .testTarget(name: "PatchbaySchemaTests", dependencies: ["PatchbaySchema", "PatchbayJSON"]),
        .testTarget(name: "PatchbayFormatsTests", dependencies: ["PatchbayFormats", "PatchbayModel", "PatchbayJSON"]),
        .testTarget(
            name: "PatchbayLifecycleTests",
            dependencies: nio + ["PatchbayLifecycle", "PatchbayFormats", "PatchbayModel", "PatchbayJSON"]),
        .testTarget(name: "PatchbayUpstreamTests", dependencies: nio + ["PatchbayUpstream", log]),
        .testTarget(
            name: "PatchbayPluginHostTests",
            dependencies: nio + [
                "PatchbayPluginHost", "PatchbayLifecycle", "PatchbayModel", "PatchbayJSON", "PatchbayUpstream",
                "CPatchbay", log, .product(name: "Crypto", package: "swift-crypto"),
            ], exclude: ["Fixtures"]),
        .testTarget(name: "PatchbayConfigTests", dependencies: ["PatchbayConfig"]),
        .testTarget(
            name: "PatchbayServerTests",
            dependencies: nio + [
                "PatchbayServer", "PatchbayFormats", "PatchbayLifecycle", "PatchbayModel", "PatchbayJSON", log,
            ]),
        .testTarget(name: "PatchbayTests", dependencies: ["patchbay"], exclude: ["Fixtures"]),
    ],
    cxxLanguageStandard: .cxx17
)

// What `make bench` measures inside the process; only built when it asks.
if Context.environment["PATCHBAY_BENCH"] != nil {
    package.targets.append(
        .executableTarget(
            name: "patchbay-micro",
            dependencies: [
                "PatchbayFormats", "PatchbayJSON", "PatchbayLifecycle", "PatchbayModel", "PatchbayPluginHost",
                "PatchbayUpstream", "CLibFFI", log,
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ], path: "Benchmarks/Micro"))
}

for target in package.targets where target.type == .regular || target.type == .executable || target.type == .test {
    target.swiftSettings = (target.swiftSettings ?? []) + strict
}
