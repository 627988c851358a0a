import Testing

@testable import PatchbayPluginHost

/// What can't be bound at all.
@Suite struct ForeignBindingTests {
    @Test("a library or a symbol that isn't there is named")
    func absent() throws {
        #expect(
            ForeignSignature("libnosuchthing.so.9", "f", [], .int).complaint
                == "ffi.library can't be loaded: libnosuchthing.so.9: cannot open shared object file: No such file or directory"
        )
        #expect(
            ForeignSignature("./libz.so.1", "f", [], .int).complaint
                == "ffi.library must be a library's name, such as libz.so.1, or an absolute path")
        #expect(
            ForeignSignature("libz.so.1", "crc23", [], .int).complaint
                == "ffi.symbol 'crc23' isn't in libz.so.1, nor in a library that it needs")
        let status = ForeignResult(.scalar(.int), success: .values([0]), errorText: "zErrror")
        #expect(
            ForeignSignature("libz.so.1", "zlibCompileFlags", [], status).complaint
                == "ffi.returns.error_text 'zErrror' isn't in libz.so.1, nor in a library that it needs")
        let freed = ForeignResult(.string, release: "fere")
        #expect(
            ForeignSignature("libz.so.1", "zlibVersion", [], freed).complaint
                == "ffi.returns.free 'fere' isn't in libz.so.1, nor in a library that it needs")
    }

    @Test(
        "what must not be called is refused by its name, with the reason",
        arguments: [
            ("system", "starts a process"), ("execve", "starts a process"), ("__libc_fork", "starts a process"),
            ("popen", "starts a process"), ("dlopen", "loads code"), ("dlsym", "loads code"),
            ("exit", "ends or stops the server"), ("_exit", "ends or stops the server"),
            ("abort", "ends or stops the server"), ("kill", "ends or stops the server"),
            ("signal", "changes signals or timers"), ("longjmp", "jumps out of its call"),
            ("mprotect", "changes the memory of the process"), ("free", "changes the memory of the process"),
            ("setenv", "changes what the whole process shares"),
            ("close", "changes what the whole process shares"),
            ("printf", "takes arguments that no signature can describe"),
            ("_Fork", "starts a process"), ("_EXIT", "ends or stops the server"),
            ("__chk_fail", "ends or stops the server"), ("__libc_fatal", "ends or stops the server"),
            ("__assert", "ends or stops the server"), ("__libc_freeres", "changes the memory of the process"),
            ("sigwait", "changes signals or timers"), ("setsid", "changes what the whole process shares"),
            ("write", "reads or writes what the server has open"),
            ("__libc_read", "reads or writes what the server has open"),
            ("secure_getenv", "tells the server's secrets"),
            ("__wprintf_chk", "takes arguments that no signature can describe"),
            ("__snprintf_chk", "takes arguments that no signature can describe"),
        ])
    func forbidden(_ symbol: String, _ reason: String) {
        #expect(
            ForeignSignature("libc.so.6", symbol, [], .int).complaint
                == "ffi.symbol can't be '\(symbol)', which \(reason)")
    }

    @Test("another name of what must not be called is refused by its address")
    func aliases() {
        #expect(
            ForeignSignature("libc.so.6", "__sigaction", [], .int).complaint
                == "ffi.symbol can't be '__sigaction', which changes signals or timers")
        // Not a name that is listed: the C library's own for `close` among those that wrap descriptors.
        #expect(ForbiddenSymbols.reason(against: "on_exit") != nil)
        #expect(
            ForeignSignature("libc.so.6", "bsd_signal", [], .int).complaint
                == "ffi.symbol can't be 'bsd_signal', which changes signals or timers")
    }

    @Test("a variable is no function")
    func variables() throws {
        for symbol in ["environ", "stdout", "in6addr_any", "__libc_single_threaded"] {
            #expect(
                ForeignSignature("libc.so.6", symbol, [], .int).complaint
                    == "ffi.symbol can't be '\(symbol)', which is no function")
        }
        let fixture = try Fixture("foreign")
        withExtendedLifetime(fixture) {
            let complaint = ForeignSignature(fixture.path, "a_variable", [], .int).complaint
            #expect(complaint == "ffi.symbol can't be 'a_variable', which is no function")
        }
        // The C library chooses the code of these when they are looked up.
        #expect(ForeignSignature("libc.so.6", "strlen", [.given("t", .string)], .int).complaint == nil)
        #expect(ForeignSignature("libm.so.6", "pow", [], .double).complaint == nil)
    }

    @Test("a symbol for a status's words is under the same rules; only `free` may free")
    func helpers() {
        let words = ForeignResult(.scalar(.int), success: .values([0]), errorText: "system")
        #expect(
            ForeignSignature("libc.so.6", "getpid", [], words).complaint
                == "ffi.returns.error_text can't be 'system', which starts a process")
        #expect(
            ForeignSignature("libc.so.6", "strdup", [.given("t", .string)], ForeignResult(.string, release: "munmap"))
                .complaint == "ffi.returns.free can't be 'munmap', which changes the memory of the process")
        #expect(
            ForeignSignature("libc.so.6", "strdup", [.given("t", .string)], ForeignResult(.string, release: "free"))
                .complaint == nil)
    }

    @Test(
        "a signature that can't be called safely isn't bound, whoever wrote it",
        arguments: [
            ([ForeignParameter.given("p", .pointer)], ForeignResult.int, "ffi.args[0].type can't be given"),
            ([.length("x")], .int, "ffi.args[0].length_of needs an integer, and an argument with a length"),
            (
                [.given("x", .scalar(.int)), .length("x")], .int,
                "ffi.args[1].length_of needs an integer, and an argument with a length"
            ),
            ([.given("x", .bytes), .written("x")], .int, "ffi.args[1].length_of needs an output with a length"),
            ([.output("x", .array(.string), 2)], .int, "ffi.args[0].type can't be an output"),
            ([ForeignParameter("x", .string, .updated)], .int, "ffi.args[0].type can't be changed in its place"),
            (
                [ForeignParameter("", .callback, .order(of: "x", isDescending: false))], .int,
                "ffi.args[0].compare needs a callback, and an array"
            ),
            (
                [.constant(.scalar(.int8), "300")], .int,
                "ffi.args[0].value doesn't fit its type"
            ),
            ([], ForeignResult(.bytes), "ffi.returns.type needs an argument that is its length"),
            ([], ForeignResult(.array(.string)), "ffi.returns.type can't be returned"),
            ([], ForeignResult(.string, success: .nonzero), "ffi.returns.ok needs an integer or a pointer"),
            (
                [], ForeignResult(.scalar(.int), lengthOf: "x"),
                "ffi.returns.length_of needs an integer, and an output with a length"
            ),
        ])
    func unsafe(_ parameters: [ForeignParameter], _ result: ForeignResult, _ words: String) {
        #expect(ForeignSignature("libc.so.6", "getpid", parameters, result).complaint == words)
    }
}
