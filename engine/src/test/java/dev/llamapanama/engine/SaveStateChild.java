package dev.llamapanama.engine;

import java.nio.file.Path;

/** A process that saves a state to a file and prints what came of it; for tests that let the disk be full. */
final class SaveStateChild {
    static final String SAVED = "saved";
    static final String REFUSED = "refused ";
    static final String STILL_WORKS = "still works";

    private static final int TOKENS = 200;

    private SaveStateChild() {}

    /** Arguments: a model, and the file to write. */
    public static void main(String[] arguments) {
        ContextOptions options =
                ContextOptions.builder().contextLength(256).threads(1).build();
        try (Model model = Model.load(Path.of(arguments[0]));
                Context context = model.newContext(options)) {
            for (int i = 0; i < TOKENS; i++) {
                context.batch().add(3 + i, i, 0, true);
            }
            context.decode();
            try {
                context.saveState(Path.of(arguments[1]));
                System.out.println(SAVED);
            } catch (StateException e) {
                System.out.println(REFUSED + e.getMessage());
            }
            context.batch().clear();
            context.batch().add(5, TOKENS, 0, true);
            context.decode();
            System.out.println(STILL_WORKS);
        }
    }
}
