/// An event or line is longer than the decoder may keep.
package struct FramingLimitError: Error, Equatable {}
