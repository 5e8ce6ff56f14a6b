package dev.llamapanama.bench.plan;

import dev.llamapanama.bench.report.MarkdownTable;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A plan for people. */
final class PlanReport {
    private PlanReport() {}

    static String of(Plan plan) {
        TargetMachine target = plan.target();
        String head = """
                **This is a %s.** No such machine was used; measure before you buy.

                - machine: %d cores at %s GHz, %s GB/s of memory bandwidth, %d-bit multiplication units, %s, %s
                - model: %s: %s billion active weights, %s GB read for each token, and %s kB for each token before it

                """.formatted(
                        plan.nature(),
                        target.cores(),
                        number(target.ghz(), 2),
                        number(target.readBandwidth() / 1e9, 1),
                        target.unitBits(),
                        target.vnni() ? "VNNI" : "no VNNI",
                        target.bf16() ? "BF16" : "no BF16",
                        plan.model(),
                        number(plan.activeWeights() / 1e9, 2),
                        number(plan.weightBytesPerToken() / 1e9, 2),
                        number(plan.kvBytesPerPosition() / 1e3, 1));
        StringBuilder text = new StringBuilder(head);
        text.append(projections(plan)).append("\nThe range is the bound times these shares of it:\n\n");
        for (Projection projection : plan.projections()) {
            text.append("- %s, low: %s%n".formatted(projection.test(), projection.lowSource()));
            text.append("- %s, high: %s%n".formatted(projection.test(), projection.highSource()));
        }
        text.append("\nAssumptions\n\n");
        plan.assumptions()
                .forEach(assumption -> text.append("- ").append(assumption).append('\n'));
        text.append("\nShares of the bound that measurements reached\n\n").append(efficiencies(plan));
        text.append("\nPublished measurements of other people, tokens per second\n\n")
                .append(published(plan));
        return text.toString();
    }

    private static MarkdownTable projections(Plan plan) {
        MarkdownTable table = new MarkdownTable()
                .text("test")
                .number("projected tok/s")
                .number("bound tok/s")
                .text("bound by");
        for (Projection projection : plan.projections()) {
            table.row(
                    projection.test(),
                    number(projection.low(), 1) + " to " + number(projection.high(), 1),
                    number(projection.boundTs(), 1),
                    projection.limit());
        }
        return table;
    }

    private static MarkdownTable efficiencies(Plan plan) {
        MarkdownTable table = new MarkdownTable()
                .text("phase")
                .text("bound by")
                .text("model")
                .number("share")
                .text("source");
        for (Efficiency efficiency : plan.efficiencies()) {
            table.row(
                    word(efficiency.phase()),
                    efficiency.limit(),
                    word(efficiency.kind()),
                    number(100 * efficiency.share(), 0) + " %",
                    efficiency.source());
        }
        return table;
    }

    private static MarkdownTable published(Plan plan) {
        MarkdownTable table = new MarkdownTable()
                .text("machine")
                .number("cores")
                .number("threads")
                .text("model")
                .number("prompt")
                .number("generation")
                .text("source");
        for (Published row : plan.published()) {
            table.row(
                    row.machine(),
                    String.valueOf(row.cores()),
                    cell(row.threads()),
                    row.model(),
                    cell(row.pp()),
                    cell(row.tg()),
                    row.source());
        }
        return table;
    }

    private static String cell(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }

    private static String word(@Nullable Enum<?> value) {
        return value == null ? "" : value.name().toLowerCase(Locale.ROOT);
    }

    private static String number(double value, int digits) {
        return MarkdownTable.number(value, digits);
    }
}
