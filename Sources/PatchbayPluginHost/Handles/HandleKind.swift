/// What a handle's number stands for; it is a part of the number, so that one kind can't be taken for another.
enum HandleKind: UInt8 {
    case stream = 1
    case exchange, timer, operation, instance, visit
}
