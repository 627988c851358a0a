import Testing

@testable import PatchbayConfig

/// The inside of `ffi:`.
@Suite struct ForeignFunctionTests {
    /// A tool whose `args` stand at line 9 and `returns` at line 10.
    private static func file(
        _ arguments: String, returns: String = "int", trust: String = "in_process", more: String = ""
    ) -> String {
        smallest + """
            tools:
              - name: t
                ffi: {library: libx.so.1, symbol: f, trust: \(trust)\(more),
                  args: \(arguments),
                  returns: \(returns)}

            """
    }

    private static func function(_ arguments: String, returns: String = "int") throws -> ForeignFunctionConfiguration {
        let outcome = load(file(arguments, returns: returns))
        let configuration = try #require(outcome.configuration, "\(outcome.lines)")
        return try #require(configuration.tools.first?.ffi)
    }

    private static func errors(_ arguments: String, returns: String = "int") -> [String] {
        load(file(arguments, returns: returns)).errors
    }

    @Test("the contract's example is read as it is written")
    func contract() throws {
        let function = try Self.function(
            "[{type: ulong, value: 0}, {name: data, type: bytes, description: the text}, {type: uint, length_of: data}]",
            returns: "ulong")
        #expect(function.library == "libx.so.1" && function.symbol == "f" && function.threads == 8)
        #expect(function.arguments.map(\.type) == [.number(.ulong), .bytes, .number(.uint)])
        #expect(text(function.arguments[0].value) == "0" && function.arguments[1].name == "data")
        #expect(function.arguments[1].description == "the text" && function.arguments[2].lengthOf == "data")
        #expect(function.returns.type == .number(.ulong) && function.returns.name == "result")
        #expect(function.marks.mark(at: "args[2].length_of").line == 8 && function.path == "tools[0].ffi")
    }

    @Test("every type, and what stands beside it")
    func types() throws {
        for number in ForeignNumber.allCases {
            #expect(try Self.function("[{name: x, type: \(number.rawValue)}]").arguments[0].type == .number(number))
        }
        let function = try Self.function(
            """
            [{name: s, type: string, max: 4KiB}, {name: b, type: bytes, encoding: hex}, {type: pointer, value: null},
              {name: a, type: {array: int8}, in_out: true}, {name: w, type: {array: string}},
              {type: callback, compare: a, order: descending},
              {name: o, type: bytes, out: true, size: {of: s, times: 2, plus: 16}}, {type: size, length_of: o, out: true},
              {name: p, type: {struct: [{name: x, type: double}, {name: i, type: {struct: [{name: y, type: bool}]}}]}}]
            """, returns: "{type: int, ok: [0, 1], error_text: words, name: status}")
        let types = function.arguments.map(\.type)
        #expect(types[0...2] == [.string, .bytes, .pointer] && types[3...5] == [.numbers(.int8), .strings, .callback])
        #expect(
            types[8]
                == .structure([
                    .init(name: "x", type: .number(.double)),
                    .init(name: "i", type: .structure([.init(name: "y", type: .number(.bool))])),
                ]))
        #expect(function.arguments[0].max == 4096 && function.arguments[1].encoding == .hex)
        #expect(text(function.arguments[2].value) == "null" && function.arguments[3].direction == .both)
        #expect(function.arguments[5].compare == "a" && function.arguments[5].isDescending)
        let room = try #require(function.arguments[6].size)
        #expect(room.of == "s" && room.times == 2 && room.plus == 16 && function.arguments[6].direction == .output)
        #expect(function.arguments[7].lengthOf == "o" && function.arguments[7].direction == .output)
        #expect(function.returns.errorText == "words" && function.returns.name == "status")
        guard case .values([0, 1])? = function.returns.ok else { return #expect(Bool(false), "ok is a list") }
        #expect(try Self.function("[]", returns: "void").returns.type == nil)
        #expect(try Self.function("[]", returns: "{type: int, ok: 0}").returns.name == nil)
    }

    @Test("constants are JSON that their type can hold")
    func constants() throws {
        func value(_ type: String, _ yaml: String) throws -> String {
            text(try Self.function("[{type: \(type), value: \(yaml)}]").arguments[0].value)
        }
        #expect(try value("ulong", "18446744073709551615") == "18446744073709551615")
        #expect(try value("int8", "-128") == "-128")
        #expect(try value("double", "2.5") == "2.5" && value("float", "1") == "1")
        #expect(try value("bool", "true") == "true")
        #expect(try value("string", "\"a\\tb\"") == #""a\tb""# && value("string", "null") == "null")
        #expect(try value("bytes", "text") == #""text""#)
        #expect(try value("{array: int}", "[1, -2]") == "[1,-2]")
        #expect(try value("{array: string}", "[a, b]") == #"["a","b"]"#)
    }

    @Test("without trust there is no function: the error says what to write")
    func trust() {
        let yaml = smallest + "tools: [{name: t, ffi: {library: l, symbol: f, returns: int}}]\n"
        #expect(
            load(yaml).errors == [
                "5:24: tools[0].ffi needs 'trust: in_process'; the worker process that keeps a C function apart from the server is not available in this version of patchbay, and a wrong signature corrupts the server's memory: write it for a library and a signature that you trust"
            ])
        #expect(
            load(Self.file("[]", trust: "process")).errors.first
                == "7:49: tools[0].ffi.trust must be in_process, found 'process'")
    }

    @Test(
        "what is wrong with an argument is told at its place",
        arguments: [
            Case(
                "[{name: x, type: integer}]",
                "8:30: tools[0].ffi.args[0].type must be bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64, short, ushort, int, uint, long, ulong, size, float, double, string, bytes, pointer or callback, found 'integer'"
            ),
            Case(
                "[{type: int}]",
                "8:14: tools[0].ffi.args[0] needs exactly one of 'name', 'value', 'length_of' and 'compare'"),
            Case(
                "[{type: int, name: x, value: 1}]",
                "8:14: tools[0].ffi.args[0] needs exactly one of 'name', 'value', 'length_of' and 'compare'"),
            Case(
                "[{type: int8, value: 128}]",
                "8:34: tools[0].ffi.args[0].value must be an integer from -128 to 127, found 128"),
            Case(
                "[{type: uint, value: 1.5}]",
                "8:34: tools[0].ffi.args[0].value must be an integer from 0 to 4294967295, found 1.5"),
            Case("[{type: bool, value: 1}]", "8:34: tools[0].ffi.args[0].value must be true or false, found 1"),
            Case(
                "[{type: float, value: 1e39}]",
                "8:35: tools[0].ffi.args[0].value must be a number that float can hold, found 1e39"),
            Case(
                "[{type: string, value: 1}]",
                "8:36: tools[0].ffi.args[0].value must be a string, found 1; write it in quotes"),
            Case(
                "[{type: bytes, encoding: hex, value: xyz}]", "8:50: tools[0].ffi.args[0].value isn't hex"),
            Case("[{type: pointer, value: 1}]", "8:37: tools[0].ffi.args[0].value must be null for a pointer"),
            Case(
                "[{type: pointer, name: p}]",
                "8:21: tools[0].ffi.args[0].type pointer can only be null: write 'value: null'"),
            Case("[{type: callback, name: c}]", "8:21: tools[0].ffi.args[0].type callback needs 'compare'"),
            Case(
                "[{type: int, compare: x}, {name: x, type: {array: int}}]",
                "8:21: tools[0].ffi.args[0].type must be callback with 'compare', found int"),
            Case(
                "[{type: callback, compare: x}, {name: x, type: int}]",
                "8:40: tools[0].ffi.args[0].compare 'x' is int, and not an array"),
            Case(
                "[{name: data, type: bytes}, {type: int, length_of: dat}]",
                "8:64: tools[0].ffi.args[1].length_of 'dat' is no argument's name; did you mean 'data'?"),
            Case(
                "[{name: x, type: int}, {type: int, length_of: x}]",
                "8:59: tools[0].ffi.args[1].length_of 'x' is int, which has no length"),
            Case(
                "[{name: x, type: bytes}, {type: float, length_of: x}]",
                "8:45: tools[0].ffi.args[1].type must be an integer for a length, found float"),
            Case(
                "[{name: x, type: bytes}, {type: int, length_of: x, out: true}]",
                "8:61: tools[0].ffi.args[1].length_of 'x' isn't written: with 'out', it needs 'out' or 'in_out' too"),
            Case(
                "[{name: x, type: bytes, out: true}]",
                "8:14: tools[0].ffi.args[0] needs 'size', the room for what the function writes"),
            Case(
                "[{name: x, type: int, out: true, size: 4}]",
                "8:46: tools[0].ffi.args[0].size is for what a function writes: bytes, a string or an array with 'out'"),
            Case(
                "[{name: x, type: bytes, out: true, size: {of: y}}]",
                "8:59: tools[0].ffi.args[0].size.of 'y' is no argument's name"),
            Case(
                "[{name: x, type: bytes, out: true, size: 65MiB}]",
                "8:54: tools[0].ffi.args[0].size must be a size such as 32MiB, 10MB or 1024 (bytes), from 1B to 64MiB, found '65MiB'"
            ),
            Case(
                "[{name: x, type: {array: string}, out: true, size: 4}]",
                "8:30: tools[0].ffi.args[0].type can't be an array with 'out'"),
            Case(
                "[{name: x, type: string, in_out: true}]",
                "8:30: tools[0].ffi.args[0].type can't be string with 'in_out'"),
            Case("[{type: int, value: 1, out: true}]", "8:36: tools[0].ffi.args[0].out can't be with 'value'"),
            Case("[{name: x, type: int, encoding: hex}]", "8:35: tools[0].ffi.args[0].encoding is for bytes"),
            Case(
                "[{name: x, type: int, max: 4}]",
                "8:35: tools[0].ffi.args[0].max is for named strings, bytes and arrays"),
            Case("[{name: x, type: int, order: ascending}]", "8:35: tools[0].ffi.args[0].order is for 'compare'"),
            Case(
                "[{name: x, type: int}, {name: x, type: int}]",
                "8:43: tools[0].ffi.args[1].name 'x' is there already"),
            Case("[{name: result, type: int}]", "8:21: tools[0].ffi.args[0].name 'result' is there already"),
            Case(
                "[{name: x, type: {array: bytes}}]",
                "8:38: tools[0].ffi.args[0].type.array must be numbers or strings, found 'bytes'"),
            Case(
                "[{name: x, type: {struct: []}}]", "8:39: tools[0].ffi.args[0].type.struct must not be empty"),
            Case(
                "[{name: x, type: {struct: [{name: a, type: string}]}}]",
                "8:56: tools[0].ffi.args[0].type.struct[0].type must be a number, bool or a struct, found string"),
            Case(
                "[{name: x, type: {struct: [{name: a, type: int}, {name: a, type: int}]}}]",
                "8:39: tools[0].ffi.args[0].type.struct has two fields of one name"),
            Case(
                "[{name: x, type: {union: int}}]",
                "8:30: tools[0].ffi.args[0].type must be a type's name, or have the one key 'struct' or 'array'"),
        ])
    func wrongArguments(_ wrong: Case) {
        #expect(Self.errors(wrong.yaml) == wrong.errors)
    }

    @Test(
        "what is wrong with the result is told at its place",
        arguments: [
            Case(
                "bytes",
                "9:16: tools[0].ffi.returns is bytes, and needs an argument with 'length_of: result' and 'out: true' that says how many"
            ),
            Case("callback", "9:16: tools[0].ffi.returns can't be callback"),
            Case("{type: string, ok: 0}", "9:31: tools[0].ffi.returns.ok needs an integer or a pointer for a status"),
            Case(
                "{type: int, ok: fine}",
                "9:32: tools[0].ffi.returns.ok must be an integer, a list of integers, nonzero or nonnegative, found 'fine'"
            ),
            Case(
                "{type: int, error_text: f}", "9:28: tools[0].ffi.returns.error_text is for a status, which needs 'ok'"),
            Case("{type: int, error: no}", "9:28: tools[0].ffi.returns.error is for a status, which needs 'ok'"),
            Case(
                "{type: int, ok: 0, error: x, error_text: f}",
                "9:35: tools[0].ffi.returns.error can't be with 'error_text'"),
            Case("{type: int, length_of: x}", "9:39: tools[0].ffi.returns.length_of 'x' is no argument's name"),
            Case("{type: int, free: free}", "9:28: tools[0].ffi.returns.free is for a string or bytes"),
            Case(
                "{type: string, free: a-b}",
                "9:37: tools[0].ffi.returns.free must be a name of C: letters, digits and _"),
            Case("{type: void, name: x}", "9:29: tools[0].ffi.returns.name is for what the model is told"),
        ])
    func wrongResults(_ wrong: Case) {
        #expect(Self.errors("[]", returns: wrong.yaml) == wrong.errors)
    }

    @Test("libraries and symbols that can be none, too many arguments, threads")
    func rest() {
        func errors(_ inner: String) -> [String] {
            load(smallest + "tools: [{name: t, ffi: {\(inner), trust: in_process, returns: int}}]\n").errors
        }
        #expect(
            errors("library: ./x.so, symbol: f") == [
                "5:34: tools[0].ffi.library must be a library's name, such as libz.so.1, or an absolute path"
            ])
        #expect(
            errors("library: l, symbol: 1f") == [
                "5:45: tools[0].ffi.symbol must be a name of C: letters, digits and _"
            ])
        #expect(
            errors("library: l, symbol: f, threads: 0") == [
                "5:57: tools[0].ffi.threads must be an integer from 1 to 64, found 0"
            ])
        let many = (0..<33).map { "{name: x\($0), type: int}" }.joined(separator: ", ")
        #expect(
            Self.errors("[\(many)]") == ["8:13: tools[0].ffi.args has 33 arguments, and at most 32 are allowed"])
        let deep =
            String(repeating: "{struct: [{name: a, type: ", count: 5) + "int" + String(repeating: "}]}", count: 5)
        #expect(
            Self.errors("[{name: x, type: \(deep)}]").first?.hasSuffix("has more than 4 structs inside one another")
                == true)
    }

    @Test("a hook's function takes one text, gives one or a status, and is at points that have texts")
    func hooks() {
        func errors(_ points: String, _ inner: String) -> [String] {
            load(
                smallest + "hooks:\n  - name: h\n    points: \(points)\n"
                    + "    ffi: {library: l, symbol: f, trust: in_process, \(inner)}\n"
            ).errors
        }
        let text = "args: [{name: t, type: string}]"
        #expect(errors("[request, history_loaded, tool_result]", text + ", returns: string") == [])
        #expect(errors("[request]", text + ", returns: {type: int, ok: 0}") == [])
        #expect(
            errors("[request, events]", text + ", returns: string") == [
                "7:23: hooks[0].points[1] can't be events for a C function; it sees request, history_loaded and tool_result"
            ])
        #expect(
            errors("[request]", "args: [{name: t, type: int}], returns: string") == [
                "8:59: hooks[0].ffi.args must have exactly one argument with a name, a string or bytes: the text"
            ])
        #expect(
            errors("[request]", text + ", returns: int") == [
                "8:95: hooks[0].ffi must give one text, or a status with 'ok', to be a hook"
            ])
    }
}
