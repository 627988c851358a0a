import CPatchbay

/// Why a plugin isn't lent what it asked for.
enum HookRefusal: Error {
    case closed, unsupported, notFound, tooMuch

    var code: Int32 {
        switch self {
        case .closed: PBAY_CLOSED.code
        case .unsupported: PBAY_EUNSUPPORTED.code
        case .notFound: PBAY_ENOTFOUND.code
        case .tooMuch: PBAY_ELIMIT.code
        }
    }
}
