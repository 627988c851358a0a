import ArgumentParser
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

@main
struct Patchbay: AsyncParsableCommand {}
