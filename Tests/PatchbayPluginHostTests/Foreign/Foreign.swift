import PatchbayJSON
import Testing

@testable import PatchbayPluginHost

/// Short forms for signatures.
extension ForeignParameter {
    static func given(_ name: String, _ type: ForeignType) -> ForeignParameter { ForeignParameter(name, type) }
    static func constant(_ type: ForeignType, _ json: String) -> ForeignParameter {
        ForeignParameter("", type, .constant(Array(json.utf8)))
    }
    static func length(_ of: String, _ scalar: ForeignScalar = .size) -> ForeignParameter {
        ForeignParameter("", .scalar(scalar), .length(of: of))
    }
    static func written(_ of: String, _ scalar: ForeignScalar = .size) -> ForeignParameter {
        ForeignParameter("", .scalar(scalar), .writtenLength(of: of))
    }
    static func output(
        _ name: String, _ type: ForeignType, _ room: Int = 0, _ encoding: ForeignEncoding = .text
    ) -> ForeignParameter {
        ForeignParameter(name, type, .output(ForeignCapacity(room)), encoding: encoding)
    }
}

extension ForeignSignature {
    init(_ library: String, _ symbol: String, _ parameters: [ForeignParameter], _ result: ForeignResult) {
        self.init(library: library, symbol: symbol, parameters: parameters, result: result)
    }

    /// Binds the function, calls it with JSON, and gives its output.
    func run(_ arguments: String) throws -> String {
        try ForeignFunction(self).call(Array(arguments.utf8)).run().text
    }

    /// The words with which the function can't be bound.
    var complaint: String? {
        do throws(ForeignError) {
            _ = try ForeignFunction(self)
            return nil
        } catch {
            return error.description
        }
    }
}

extension ForeignResult {
    static var int: ForeignResult { ForeignResult(.scalar(.int)) }
    static var double: ForeignResult { ForeignResult(.scalar(.double)) }
    static var nothing: ForeignResult { ForeignResult(nil) }
}

extension ForeignFunction {
    /// Why such arguments are refused; nil: they aren't.
    func refusal(_ arguments: String) -> String? {
        do throws(ForeignRefusal) {
            _ = try call(Array(arguments.utf8))
            return nil
        } catch {
            return error.message
        }
    }

    /// How a call that is made fails; nil: it doesn't.
    func failure(_ arguments: String) throws -> String? {
        let call = try call(Array(arguments.utf8))
        do throws(ForeignFailure) {
            _ = try call.run()
            return nil
        } catch {
            return error.message
        }
    }
}
