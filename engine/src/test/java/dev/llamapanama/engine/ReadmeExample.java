package dev.llamapanama.engine;

import java.nio.file.Path;

// What README.md shows stands between the two marks, letter by letter; ReadmeTest compares.
// README begins
public class ReadmeExample {
    public static void main(String[] args) {
        GenerationOptions options =
                GenerationOptions.builder().maxTokens(64).stopStrings("\n\n").build();
        try (Model model = Model.load(Path.of(args[0]));
                TextGenerator generator = TextGenerator.create(model);
                Generation answer = generator.generate("Once upon a time", options)) {
            answer.forEachRemaining(piece -> System.out.print(piece.text()));
            System.out.printf("%n%.1f tok/s%n", answer.timings().tokensPerSecond());
        }
    }
}
// README ends
