package dev.llamapanama.bench;

import dev.llamapanama.engine.Backend;
import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String own = Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
                .orElse("(not from a jar)");
        return new String[] {
            "llamapanama " + own, "llama.cpp " + Backend.load().llamaCppVersion(), "Java " + Runtime.version()
        };
    }
}
