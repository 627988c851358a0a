/// What a call is for.
enum Purpose { case answer, count, embedding }
