/// Vectors of one length, in the order of the inputs that they stand for.
package struct Vectors: Sendable, Hashable {
    /// Numbers of each vector.
    package let dimensions: Int
    /// All of them, one vector after another.
    package let numbers: [Float]

    /// `numbers`: a multiple of `dimensions`, which is at least 1.
    package init(dimensions: Int, numbers: [Float]) {
        self.dimensions = dimensions
        self.numbers = numbers
    }

    /// How many vectors there are.
    package var count: Int { numbers.count / dimensions }

    package subscript(_ index: Int) -> ArraySlice<Float> {
        numbers[index * dimensions..<(index + 1) * dimensions]
    }
}
