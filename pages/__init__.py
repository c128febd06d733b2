"""The screens. No script lives directly here: Streamlit would open it by a deep link without the frame and its role gate."""
