/// An entry of a C function's `args:`.
package struct ForeignArgumentConfiguration: Sendable {
    /// Who reads and writes what the argument points to.
    package enum Direction: Sendable {
        case input, output, both
    }

    /// How much room there is for an output: `plus`, and `times` the value or length of the argument `of`.
    package struct Room: Sendable {
        package var of: String?
        package var times = 1
        package var plus = 0

        package init() {}
    }

    /// Of what the model gives or is told; nil where it is neither.
    package var name: String?
    package var type = ForeignTypeConfiguration.pointer
    package var description = ""
    package var direction = Direction.input
    /// JSON: the argument is always this.
    package var value: [UInt8]?
    /// It is the length of this argument, or of the result.
    package var lengthOf: String?
    /// It is a callback that compares the elements of this argument.
    package var compare: String?
    package var isDescending = false
    package var size: Room?
    package var encoding = ForeignEncodingName.text
    /// The most bytes, or elements of an array; nil: the default.
    package var max: Int?

    /// The places of the entry's keys and values.
    var marks = MarkTree(at: SourceMark(file: "", line: 1, column: 1))
    var path = ""
    var isOut = false
    var isInOut = false
    /// `value` as it stands in the file.
    var constant: YAMLNode?

    package init() {}
}

/// How bytes are written as text.
package enum ForeignEncodingName: String, Sendable, CaseIterable {
    case text, hex, base64
}
