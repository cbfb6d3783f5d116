"""One question a file: ScoreTables in, a frozen result with frames and the sentence that answers the question out."""
