package dev.llamapanama.chat.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class JsonTypeTest {
    enum Unit {
        METRIC,
        IMPERIAL;

        @Override
        public String toString() {
            return "another name";
        }
    }

    @Description("a place on earth")
    record Place(@Description("in degrees") double latitude, double longitude) {}

    record Query(
            String text,
            @Description("of the answer") Unit unit,
            Optional<Integer> limit,
            List<Place> places,
            Map<String, Long> counts,
            LocalDate day,
            UUID id,
            boolean exact) {}

    sealed interface Shape permits Circle, Square {}

    record Circle(double radius) implements Shape {}

    record Square(double side, List<Shape> inside) implements Shape {}

    record Drawing(Shape first, Circle second) {}

    @Test
    void aRecordsSchemaIsSmallAndStrict() {
        assertThat(JsonSchema.of(Query.class).text()).isEqualTo("""
                        {"type":"object","properties":{"text":{"type":"string"},\
                        "unit":{"type":"string","enum":["METRIC","IMPERIAL"],"description":"of the answer"},\
                        "limit":{"type":["integer","null"],"minimum":-2147483648,"maximum":2147483647},\
                        "places":{"type":"array","items":{"type":"object","properties":{\
                        "latitude":{"type":"number","description":"in degrees"},"longitude":{"type":"number"}},\
                        "required":["latitude","longitude"],"description":"a place on earth","additionalProperties":false}},\
                        "counts":{"type":"object","additionalProperties":{"type":"integer"}},\
                        "day":{"type":"string","format":"date"},"id":{"type":"string","format":"uuid"},\
                        "exact":{"type":"boolean"}},"required":["text","unit","places","counts","day","id","exact"],\
                        "additionalProperties":false}""");
    }

    @Test
    void aRecordIsReadAndWritten() {
        String json = """
                {"text":"a","unit":"METRIC","places":[{"latitude":1,"longitude":2.5}],"counts":{"x":3},\
                "day":"2024-02-29","id":"123e4567-e89b-12d3-a456-426614174000","exact":true}""";
        Query query = JsonType.of(Query.class).read(json);

        assertThat(query.unit()).isEqualTo(Unit.METRIC);
        assertThat(query.limit()).isEmpty();
        assertThat(query.places()).containsExactly(new Place(1, 2.5));
        assertThat(query.counts()).containsExactly(Map.entry("x", 3L));
        assertThat(query.day()).isEqualTo(LocalDate.of(2024, 2, 29));
        assertThat(JsonType.of(Query.class).read(JsonType.write(query).replace("\"limit\":null,", "")))
                .isEqualTo(query);
    }

    @Test
    void sealedInterfacesHaveADiscriminator() {
        Drawing drawing = new Drawing(new Square(2, List.of(new Circle(1))), new Circle(3));
        String json = JsonType.write(drawing);

        assertThat(json).isEqualTo("""
                        {"first":{"type":"Square","side":2.0,"inside":[{"type":"Circle","radius":1.0}]},\
                        "second":{"type":"Circle","radius":3.0}}""");
        assertThat(JsonType.of(Drawing.class).read(json)).isEqualTo(drawing);
        assertThat(JsonType.of(Shape.class).read("{\"type\":\"Circle\",\"radius\":1}"))
                .isEqualTo(new Circle(1));
        assertThat(JsonSchema.of(Shape.class).problems("{\"type\":\"Triangle\",\"radius\":1}"))
                .isNotEmpty();
        assertThat(JsonSchema.of(Shape.class).problems("{\"radius\":1}")).isNotEmpty();
    }

    @Test
    void whatDoesNotFollowTheSchemaIsNotRead() {
        JsonType<Place> type = JsonType.of(Place.class);
        for (String wrong : List.of(
                "",
                "{",
                "[]",
                "null",
                "{\"latitude\":1}",
                "{\"latitude\":\"1\",\"longitude\":2}",
                "{\"latitude\":1,\"longitude\":2,\"height\":3}",
                "{\"latitude\":1,\"latitude\":1,\"longitude\":2}",
                "{\"latitude\":1,\"longitude\":2} x")) {
            InvalidOutputException thrown = catchThrowableOfType(InvalidOutputException.class, () -> type.read(wrong));
            assertThat(thrown).as(wrong).isNotNull();
            assertThat(thrown.problems()).as(wrong).isNotEmpty();
            assertThat(thrown.text()).isEqualTo(wrong);
        }
    }

    record Positive(int value) {
        Positive {
            if (value <= 0) {
                throw new IllegalArgumentException("must be positive");
            }
        }
    }

    @Test
    void whatTheConstructorRefusesIsSaid() {
        InvalidOutputException thrown = catchThrowableOfType(
                InvalidOutputException.class, () -> JsonType.of(Positive.class).read("{\"value\":0}"));

        assertThat(thrown.problems().toString()).contains("must be positive");
    }

    @Test
    void intsAreBounded() {
        assertThat(JsonSchema.of(Positive.class).text()).contains("\"minimum\":-2147483648,\"maximum\":2147483647");
        assertThat(JsonSchema.of(Positive.class).problems("{\"value\":2147483648}"))
                .hasSize(1);
    }

    record Options(
            @Description("a unit") Optional<Unit> unit,
            Optional<Place> place,
            Optional<List<Unit>> units,
            Optional<Shape> shape) {}

    @Test
    void optionalsMayBeLeftOutOrNull() {
        JsonType<Options> type = JsonType.of(Options.class);

        assertThat(type.read("{}"))
                .isEqualTo(type.read("{\"unit\":null,\"place\":null,\"units\":null,\"shape\":null}"));
        Options full = new Options(
                Optional.of(Unit.METRIC),
                Optional.of(new Place(1, 2)),
                Optional.of(List.of(Unit.IMPERIAL)),
                Optional.of(new Circle(1)));
        assertThat(type.read(JsonType.write(full))).isEqualTo(full);
    }

    record Tree(String name, List<Tree> children, Optional<Tree> other) {}

    @Test
    void recordsMayContainThemselves() {
        Tree tree = new Tree("a", List.of(new Tree("b", List.of(), Optional.empty())), Optional.empty());

        assertThat(JsonType.of(Tree.class).read(JsonType.write(tree))).isEqualTo(tree);
    }

    record Way(
            @Description("the start") Place from,
            @Description("the end") Place to,
            Shape one,
            Shape other) {}

    @Test
    void typesThatAreUsedTwiceAreDefinedOnce() {
        String schema = JsonSchema.of(Way.class).text();

        assertThat(schema)
                .contains(
                        "{\"$ref\":\"#/$defs/Place\",\"description\":\"the start\"}",
                        "{\"$ref\":\"#/$defs/Place\",\"description\":\"the end\"}");
        assertThat(schema.split("latitude", -1)).hasSize(3); // property and required
    }

    @Test
    void numbersThatTheTypeCannotHoldAreRefused() {
        for (String number : List.of("1e999", "-1e9999999999", "1e9999999999999999")) {
            assertThatExceptionOfType(InvalidOutputException.class)
                    .as(number)
                    .isThrownBy(() -> JsonType.of(Place.class).read("{\"latitude\":" + number + ",\"longitude\":2}"));
        }
    }

    record WithSet(Set<String> values) {}

    record WithObject(Object value) {}

    record WithIntegerKeys(Map<Integer, String> map) {}

    record WithOptionals(List<Optional<String>> list) {}

    sealed interface Clash permits Named {}

    record Named(String type) implements Clash {}

    @Test
    void typesWithoutAnEnforceableSchemaAreRefused() {
        refused(WithSet.class, "WithSet.values");
        refused(WithObject.class, "WithObject.value");
        refused(WithIntegerKeys.class, "WithIntegerKeys.map");
        refused(WithOptionals.class, "WithOptionals.list[]");
        refused(Clash.class, "Named.type");
        refused(Object.class, "java.lang.Object");
    }

    private static void refused(Class<?> type, String place) {
        assertThatExceptionOfType(UnsupportedSchemaException.class)
                .isThrownBy(() -> JsonType.of(type))
                .satisfies(thrown -> assertThat(thrown.place()).isEqualTo(place));
    }
}
