"""The words of the field as frozen values: event, frame, reading, finding, received file, selection."""
