package dev.llamapanama.bench.cli;

import java.io.IOException;
import java.io.Reader;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** The tools of llama.cpp that {@code mvn -Poracle} built together with this program. */
public final class OracleTools {
    private static final String PROPERTIES = "bindings/target/oracle/oracle.properties";

    private OracleTools() {}

    /** The tool, if {@code LLAMAPANAMA_ORACLE} names its folder or the build that this class comes from has it. */
    public static Optional<Path> find(String name) throws IOException {
        Optional<Path> folder = Optional.ofNullable(System.getenv("LLAMAPANAMA_ORACLE"))
                .filter(text -> !text.isEmpty())
                .map(Path::of);
        return (folder.isPresent() ? folder : ofBuild())
                .map(path -> path.resolve(name))
                .filter(Files::isExecutable);
    }

    /**
     * The tool that an option names, or else {@link #find the one of the build}: its absolute path.
     *
     * @param option for the message
     * @param chosen what the option says
     * @throws picocli.CommandLine.ParameterException if there is no such program
     * @throws IOException if the build's file cannot be read
     */
    public static Path require(CommandSpec spec, String name, String option, Optional<Path> chosen) throws IOException {
        Optional<Path> tool = chosen.isPresent() ? chosen : find(name);
        String remedy = "mvn install -DskipTests -Poracle builds llama.cpp's tools; " + option + " names another one";
        Arguments.require(spec, tool.isPresent(), "No " + name + " was built beside this program; " + remedy);
        Arguments.requireProgram(spec, tool.orElseThrow(), remedy);
        return tool.orElseThrow().toAbsolutePath();
    }

    private static Optional<Path> ofBuild() throws IOException {
        for (@Nullable Path folder = classes(); folder != null; folder = folder.getParent()) {
            Path file = folder.resolve(PROPERTIES);
            if (Files.isRegularFile(file)) {
                Properties properties = new Properties();
                try (Reader reader = Files.newBufferedReader(file)) {
                    properties.load(reader);
                }
                return Optional.ofNullable(properties.getProperty("directory")).map(Path::of);
            }
        }
        return Optional.empty();
    }

    private static @Nullable Path classes() {
        try {
            return Path.of(OracleTools.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            return null;
        }
    }
}
