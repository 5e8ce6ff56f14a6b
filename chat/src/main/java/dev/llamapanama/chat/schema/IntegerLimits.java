package dev.llamapanama.chat.schema;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Limits of integers, as {@code build_integer} and {@code build_min_max_int} read them. */
final class IntegerLimits {
    private static final BigDecimal LIMIT = BigDecimal.valueOf(1_000_000_000_000_000L);

    private IntegerLimits() {}

    /** What is wrong, and of which keyword. */
    record Problem(String keyword, String why) {}

    static Optional<Problem> check(JsonNode schema) {
        for (String keyword : List.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")) {
            JsonNode value = schema.path(keyword);
            if (!value.isMissingNode()
                    && (!value.isNumber() || value.decimalValue().abs().compareTo(LIMIT) > 0)) {
                return Optional.of(new Problem(keyword, "it must be a number, and not beyond ±10^15"));
            }
        }
        for (String side : List.of("Minimum", "Maximum")) {
            if (schema.has(side.toLowerCase(Locale.ROOT)) && schema.has("exclusive" + side)) {
                return Optional.of(
                        new Problem("exclusive" + side, "it is ignored beside " + side.toLowerCase(Locale.ROOT)));
            }
        }
        return checkRange(
                bound(schema, "minimum", "exclusiveMinimum", RoundingMode.CEILING),
                bound(schema, "maximum", "exclusiveMaximum", RoundingMode.FLOOR),
                schema.has("minimum") ? "minimum" : "exclusiveMinimum",
                schema.has("maximum") ? "maximum" : "exclusiveMaximum");
    }

    private static Optional<Problem> checkRange(
            Optional<Long> least, Optional<Long> most, String leastKeyword, String mostKeyword) {
        if (least.isPresent() && most.isPresent()) {
            return least.get() > most.get()
                    ? Optional.of(new Problem(leastKeyword, "no integer is between it and " + mostKeyword))
                    : Optional.empty();
        }
        // build_min_max_int drops zeros in the middle of a number: for 100 and more it would let 10 through
        if (least.isPresent() && least.get() >= 100 && hasInnerZero(least.get())) {
            return Optional.of(new Problem(leastKeyword, "the grammar gets " + least.get() + " wrong; add a maximum"));
        }
        // and lets zeros in front through, as -05
        if (most.isPresent() && most.get() < 0) {
            return Optional.of(new Problem(mostKeyword, "the grammar gets " + most.get() + " wrong; add a minimum"));
        }
        return Optional.empty();
    }

    private static boolean hasInnerZero(long value) {
        String digits = Long.toString(value);
        return digits.substring(1, digits.length() - 1).contains("0");
    }

    private static Optional<Long> bound(JsonNode schema, String inclusive, String exclusive, RoundingMode inwards) {
        if (schema.has(inclusive)) {
            return Optional.of(
                    schema.get(inclusive).decimalValue().setScale(0, inwards).longValueExact());
        }
        if (schema.has(exclusive)) {
            BigDecimal value = schema.get(exclusive).decimalValue();
            return Optional.of(
                    inwards == RoundingMode.CEILING
                            ? value.setScale(0, RoundingMode.FLOOR).longValueExact() + 1
                            : value.setScale(0, RoundingMode.CEILING).longValueExact() - 1);
        }
        return Optional.empty();
    }
}
