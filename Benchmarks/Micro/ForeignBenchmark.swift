import CLibFFI
import Glibc
import PatchbayPluginHost

/// A C function called directly, by libffi alone, and as a tool is: from the model's JSON to the output's text.
@safe struct ForeignBenchmark {
    private typealias Checksum = @convention(c) (UInt, UnsafePointer<UInt8>?, UInt32) -> UInt
    private typealias Absolute = @convention(c) (Int) -> Int

    func run(rounds: Int) throws {
        let checksum = ForeignSignature(
            library: "libz.so.1", symbol: "crc32",
            parameters: [
                ForeignParameter("", .scalar(.ulong), .constant(Array("0".utf8))), ForeignParameter("data", .bytes),
                ForeignParameter("", .scalar(.uint), .length(of: "data")),
            ], result: ForeignResult(.scalar(.ulong)))
        let absolute = ForeignSignature(
            library: "libc.so.6", symbol: "labs", parameters: [ForeignParameter("x", .scalar(.long))],
            result: ForeignResult(.scalar(.long)))
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 100)
        let (crc32, labs) = (try ForeignFunction(checksum), try ForeignFunction(absolute))
        let checksumJSON = Array("{\"data\":\"".utf8) + text + Array("\"}".utf8)
        let absoluteJSON = Array("{\"x\":-5}".utf8)
        let (direct, plain) = unsafe (
            unsafeBitCast(Self.address("libz.so.1", "crc32"), to: Checksum.self),
            unsafeBitCast(Self.address("libc.so.6", "labs"), to: Absolute.self)
        )
        for _ in 0..<rounds {
            print("crc32_direct_ns", nanoseconds { _ in Int(truncatingIfNeeded: unsafe direct(0, text, 100)) })
            print("crc32_libffi_ns", libffi("libz.so.1", "crc32", text))
            print("crc32_tool_ns", try tool(crc32, checksumJSON))
            print("labs_direct_ns", nanoseconds { plain(-$0) })
            print("labs_libffi_ns", libffi("libc.so.6", "labs", nil))
            print("labs_tool_ns", try tool(labs, absoluteJSON))
        }
    }

    private static func address(_ library: String, _ symbol: String) -> UnsafeMutableRawPointer {
        unsafe dlsym(dlopen(library, RTLD_NOW), symbol)!
    }

    private let count = 1_000_000

    private func nanoseconds(_ call: (Int) -> Int) -> Double {
        var sum = 0
        let start = CPUTime.now
        for index in 0..<count { sum &+= call(index) }
        let time = CPUTime.now - start
        precondition(sum != 0, "nothing was called")
        return Double(time) / Double(count)
    }

    /// All that a tool's call is, but for the threads.
    private func tool(_ function: ForeignFunction, _ arguments: [UInt8]) throws -> Double {
        var length = 0
        let start = CPUTime.now
        for _ in 0..<count / 4 { length += try function.call(arguments).run().text.utf8.count }
        precondition(length > 0, "nothing came out")
        return Double(CPUTime.now - start) / Double(count / 4)
    }

    /// The call alone, its arguments laid out once.
    private func libffi(_ library: String, _ symbol: String, _ text: [UInt8]?) -> Double {
        let function = unsafe unsafeBitCast(Self.address(library, symbol), to: (@convention(c) () -> Void).self)
        var (first, length, result): (Int, UInt32, Int) = (text == nil ? -5 : 0, 100, 0)
        var prepared = ffi_cif()
        let long = unsafe patchbay_ffi_number(8, 0, 0)
        var types = unsafe [long, patchbay_ffi_pointer(), patchbay_ffi_number(4, 0, 0)]
        return unsafe (text ?? []).withUnsafeBufferPointer { bytes in
            var start = unsafe bytes.baseAddress
            return unsafe withUnsafeMutablePointer(to: &first) { first in
                unsafe withUnsafeMutablePointer(to: &start) { start in
                    unsafe withUnsafeMutablePointer(to: &length) { length in
                        var places: [UnsafeMutableRawPointer?] = unsafe [.init(first), .init(start), .init(length)]
                        let status = unsafe ffi_prep_cif(&prepared, FFI_DEFAULT_ABI, text == nil ? 1 : 3, long, &types)
                        precondition(status == FFI_OK, "libffi can't call it")
                        return nanoseconds { _ in
                            unsafe ffi_call(&prepared, function, &result, &places)
                            return result
                        }
                    }
                }
            }
        }
    }
}
