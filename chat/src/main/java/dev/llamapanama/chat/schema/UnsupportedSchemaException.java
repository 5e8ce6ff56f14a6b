package dev.llamapanama.chat.schema;

/** A schema, type or regular expression wants what the grammar could not enforce. */
public final class UnsupportedSchemaException extends StructuredOutputException {
    private static final long serialVersionUID = 1L;

    private final String keyword;
    private final String place;

    UnsupportedSchemaException(String keyword, String place, String why) {
        super(keyword + " at " + place + ": " + why);
        this.keyword = keyword;
        this.place = place;
    }

    /** Which keyword of JSON schema; of a Java type, its name; of a regular expression, {@code pattern}. */
    public String keyword() {
        return keyword;
    }

    /** Where: a JSON pointer that begins with {@code #}, a component of a record, or a position in a regular expression. */
    public String place() {
        return place;
    }
}
